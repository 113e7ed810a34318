#pragma once

// What the core is told about time and chance: it reads no clock and draws no number itself.

#include <cstdint>
#include <string>
#include <string_view>

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
    /// How much of `now` the boot clock has counted, in all boots: the part that is never refunded.
    Duration charged{0};
    /// How far the scale was moved when a clock that had never been right was first set.
    Duration scale_set{0};

    /// The part of `now` that came from the wall clock and from servers. It may fall, when a clock
    /// that was wrong ahead is corrected.
    Duration off_clock() const { return now.time_since_epoch() - charged; }
};

std::string_view name(ClockHealth health);

}  // namespace latchkey::core
