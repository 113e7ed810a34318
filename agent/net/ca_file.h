#pragma once

// A configured CA file, looked at before a connection needs it.

#include <string>

#include "base/result.h"

namespace latchkey::net {

/// Fails with Code::config_invalid, naming path and reason, where the file is missing, cannot be
/// read, or holds no certificate in PEM form.
Result<void> check_ca_file(const std::string& path);

}  // namespace latchkey::net
