#pragma once

// Is anybody watching? What they type unseen.

#include <cstddef>
#include <string>

#include "base/result.h"

namespace latchkey::platform {

/// Is standard error a terminal, where progress is worth showing?
bool errors_are_watched();

/// One line of standard input, at most so long, without its end. Where that is a terminal, `prompt`
/// is written to standard error and what is typed is not shown. Fails with Code::input_unreadable.
Result<std::string> read_hidden_line(const std::string& prompt, std::size_t max_bytes);

}  // namespace latchkey::platform
