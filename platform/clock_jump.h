#pragma once

// Hears when the calendar clock jumps: when somebody sets it, and when the machine wakes from sleep
// (Linux sets the clock then). Costs nothing between. Internal to platform/.

#include "platform/unique_fd_posix.h"

namespace latchkey::platform {

/// Becomes readable when the clock jumped; acknowledge then. Invalid where the system has no such
/// thing.
UniqueFd open_clock_jumps();

/// Takes note of a jump and arms again. True where there was one.
bool acknowledge_clock_jump(int fd);

}  // namespace latchkey::platform
