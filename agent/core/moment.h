#pragma once

// What the core is told about time and chance: it reads no clock and draws no number itself.

#include <cstdint>
#include <string>

#include "base/time.h"

namespace latchkey::core {

/// One look at the clocks (platform/clock.h takes it) before anybody judged them.
struct ClockFacts {
    WallTime wall;
    SinceBoot since_boot;
    std::string boot_id;
};

/// What trusted_time.h made of the wall clock.
enum class ClockHealth : std::uint8_t {
    ok,
    behind,    ///< the wall clock is behind proven time by more than the tolerance
    ahead,     ///< it jumped so far ahead that the excess is provisional
    unproven,  ///< no server has signed a time yet
};

/// The moment a decision is taken at. `now` is trusted time: the one clock that all deadlines in
/// the state are in.
struct Moment {
    ServerTime now;
    ClockHealth clock = ClockHealth::ok;
    std::uint64_t random = 0;  ///< for jitter; a fresh one each step
};

}  // namespace latchkey::core
