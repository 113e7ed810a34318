#pragma once

// Hears when the calendar clock jumps: when somebody sets it, and when the machine wakes from sleep
// (Linux sets the clock then). Costs nothing between. Internal to platform/.

#include <cstdint>

#include "platform/unique_fd_posix.h"

namespace latchkey::platform {

/// Becomes readable when the clock jumped; acknowledge then. One that poll and asio take: it can be
/// made non-blocking. Invalid where the system refuses.
UniqueFd open_clock_jumps();

enum class JumpHeard : std::uint8_t { no, yes, no_more };

/// Takes note of a jump and arms again. No more: nothing will be heard from here on.
JumpHeard acknowledge_clock_jump(int fd);

}  // namespace latchkey::platform
