#pragma once

// Who this process is, and whether that is enough.

#include <string>

namespace latchkey::platform {

/// True for root / an elevated administrator.
bool is_elevated();

/// The user this process runs as, for messages.
std::string user_name();

/// The machine's name as people call it; may be empty.
std::string host_name();

}  // namespace latchkey::platform
