#pragma once

// Bare ticks for deadlines and for systemd inside platform/; everyone else asks clock.h. No boot
// id, no allocation, and on Linux no system call.

#include <cstdint>

#include "base/time.h"

namespace latchkey::platform {

/// Time since this boot, counting sleep.
SinceBoot ticks_since_boot();

/// The clock systemd compares reloads by (MONOTONIC_USEC).
std::uint64_t monotonic_microseconds();

}  // namespace latchkey::platform
