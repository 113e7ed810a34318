#pragma once

// What administrators of this system say for the same thing, where a text tells them what to do. A
// text that needs no such word has none: most say it in the words of every system.

#include <string_view>

namespace latchkey::platform {

/// The command that starts the agent's service, to be shown in quotation marks.
std::string_view start_command();

}  // namespace latchkey::platform
