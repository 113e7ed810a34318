#pragma once

// Which time is it, really? Keeps the latest instant that can be proven and advances it by the boot
// clock (docs/lifecycle.md, Trusted time). Setting the clock back gains nothing; a clock that was
// once wrong ahead costs nothing.

#include <optional>
#include <string>

#include "agent/core/moment.h"
#include "agent/core/policy.h"
#include "base/time.h"

namespace latchkey::core {

/// Persisted. `proven` is the firm high-water mark; it never falls, except by `signed_time` within
/// its rules, and in the very first boot together with all graces (`scale_set`).
struct TimeLedger {
    ServerTime proven{};
    std::string boot_id;         ///< boot in which `at` was taken
    SinceBoot at{};              ///< boot clock when `proven` was last advanced
    bool server_proved = false;  ///< a server has signed a time at least once
    /// Where `proven` came from the wall clock alone since the last proof: how much of it. Signed
    /// time may take it back.
    Duration from_wall{0};
    Duration charged{0};  ///< counted by the boot clock, in all boots; never refunded
    /// How far a clock that had never been right was moved when it was set: nothing passed then,
    /// and graces move along.
    Duration scale_set{0};
    bool plausible = false;   ///< the wall clock or a server has once shown a possible date
    std::string proved_boot;  ///< boot in which a fresh signed time last judged the wall clock

    friend bool operator==(const TimeLedger&, const TimeLedger&) = default;
};

struct TimeReading {
    TimeLedger ledger;  ///< to be persisted
    ServerTime now;     ///< firm plus provisional: what decisions are taken at
    ClockHealth health = ClockHealth::ok;
};

/// Judges one look at the clocks. Within one boot the boot clock advances proven time, and a wall
/// clock ahead of it is followed provisionally; across boots the wall clock counts firmly up to
/// policy.forward_firm, provisionally beyond. In the boot of the first look ever, until a server is
/// heard, a calendar that is set moves the scale and no time passes. A wall clock that a fresh
/// signed time has judged in this boot is not followed at all. Never returns a `now` below the
/// ledger's `proven`.
TimeReading read_time(const TimeLedger& ledger, const ClockFacts& facts, const Policy& policy);

/// A signed server time arrived. It is a lower bound always. It corrects downwards only where
/// request and reply share one boot within 60 seconds (`round_trip`), and only what the wall clock
/// had added (`from_wall`), never boot-clock time.
/// The first proof ever sets the scale: deadlines move along.
TimeReading signed_time(const TimeLedger& ledger, const ClockFacts& facts, ServerTime server,
                        Duration round_trip, const Policy& policy);

/// What step.h is told about this reading.
Moment moment_of(const TimeReading& reading, std::uint64_t random);

}  // namespace latchkey::core
