#pragma once

// What the system says when addresses or routes change. Internal to the POSIX files of platform/.

#include "platform/unique_fd_posix.h"

namespace latchkey::platform {

/// Becomes readable with each change, and never blocks a read; what is read does not matter.
/// Invalid where the system offers no such thing.
UniqueFd open_network_messages();

}  // namespace latchkey::platform
