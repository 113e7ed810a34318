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
/// its rules.
struct TimeLedger {
    ServerTime proven{};
    std::string boot_id;         ///< boot in which `at` was taken
    SinceBoot at{};              ///< boot clock when `proven` was last advanced
    bool server_proved = false;  ///< a server has signed a time at least once
    /// Where `proven` came from the wall clock alone since the last proof: how much of it. Signed
    /// time may take it back.
    Duration from_wall{0};

    friend bool operator==(const TimeLedger&, const TimeLedger&) = default;
};

struct TimeReading {
    TimeLedger ledger;  ///< to be persisted
    ServerTime now;     ///< firm plus provisional: what decisions are taken at
    ClockHealth health = ClockHealth::ok;
};

/// Judges one look at the clocks. Within one boot the boot clock advances proven time; across boots
/// the wall clock may, firmly up to policy.forward_firm, provisionally beyond. Never returns a
/// `now` below the ledger's.
TimeReading read_time(const TimeLedger& ledger, const ClockFacts& facts, const Policy& policy);

/// A signed server time arrived. It is a lower bound always. It corrects downwards only where
/// request and reply share one boot within 60 seconds (`round_trip`), and only what the wall clock
/// had added (`from_wall`), never boot-clock time.
TimeReading signed_time(const TimeLedger& ledger, const ClockFacts& facts, ServerTime server,
                        Duration round_trip, const Policy& policy);

}  // namespace latchkey::core
