#include "agent/core/trusted_time.h"

#include <algorithm>

namespace latchkey::core {
namespace {

/// A wall clock this little ahead is its own noise and not followed within a boot.
constexpr Duration kClockNoise = minutes{1};

TimeLedger first_look(const ClockFacts& facts) {
    TimeLedger ledger;
    ledger.plausible = as_server(facts.wall) >= kEarliestPlausible;
    ledger.proven = ledger.plausible ? as_server(facts.wall) : kEarliestPlausible;
    ledger.from_wall = ledger.proven - kEarliestPlausible;
    return ledger;
}

/// What this boot's clock has certainly counted since the ledger was written.
Duration ticked(const TimeLedger& ledger, const ClockFacts& facts) {
    const Duration zero{0};
    if (ledger.boot_id == facts.boot_id) return std::max(facts.since_boot - ledger.at, zero);
    return std::max(facts.since_boot.time_since_epoch(), zero);
}

void advance(TimeLedger& ledger, Duration by) {
    ledger.proven += by;
    ledger.charged += by;
}

void add_from_wall(TimeLedger& ledger, Duration by) {
    ledger.proven += by;
    ledger.from_wall += by;
}

/// The first possible date ever: nothing passed, the scale was only unknown until now.
void set_scale(TimeLedger& ledger, ServerTime to) {
    ledger.plausible = true;
    if (to <= ledger.proven) return;
    ledger.scale_set += to - ledger.proven;
    add_from_wall(ledger, to - ledger.proven);
}

bool judged_in_this_boot(const TimeLedger& ledger, const ClockFacts& facts) {
    return !ledger.proved_boot.empty() && ledger.proved_boot == facts.boot_id;
}

ClockHealth judge(const TimeLedger& ledger, const ClockFacts& facts, Duration provisional,
                  const Policy& policy) {
    const ServerTime wall = as_server(facts.wall);
    if (wall + policy.backward_tolerance < ledger.proven) return ClockHealth::behind;
    const bool disproved =
        judged_in_this_boot(ledger, facts) && wall > ledger.proven + policy.backward_tolerance;
    if (disproved || provisional > policy.forward_firm) return ClockHealth::ahead;
    return ledger.server_proved ? ClockHealth::ok : ClockHealth::unproven;
}

TimeReading reading(TimeLedger ledger, const ClockFacts& facts, Duration provisional,
                    const Policy& policy) {
    ledger.boot_id = facts.boot_id;
    ledger.at = facts.since_boot;
    const auto health = judge(ledger, facts, provisional, policy);
    const ServerTime now = ledger.proven + provisional;
    return {std::move(ledger), now, health};
}

}  // namespace

TimeReading read_time(const TimeLedger& ledger, const ClockFacts& facts, const Policy& policy) {
    if (ledger.boot_id.empty()) return reading(first_look(facts), facts, Duration{0}, policy);
    TimeLedger next = ledger;
    advance(next, ticked(ledger, facts));
    const ServerTime wall = as_server(facts.wall);
    if (!next.plausible) {
        if (wall >= kEarliestPlausible) set_scale(next, wall);
        return reading(std::move(next), facts, Duration{0}, policy);
    }
    const Duration ahead = wall - next.proven;
    const bool new_boot = ledger.boot_id != facts.boot_id;
    if (ahead <= Duration{0} || judged_in_this_boot(ledger, facts))
        return reading(std::move(next), facts, Duration{0}, policy);
    if (new_boot && ahead <= policy.forward_firm) {
        add_from_wall(next, ahead);
        return reading(std::move(next), facts, Duration{0}, policy);
    }
    return reading(std::move(next), facts, ahead > kClockNoise ? ahead : Duration{0}, policy);
}

TimeReading signed_time(const TimeLedger& ledger, const ClockFacts& facts, ServerTime server,
                        Duration round_trip, const Policy& policy) {
    const TimeReading before = read_time(ledger, facts, policy);
    TimeLedger next = before.ledger;
    const bool fresh = round_trip >= Duration{0} && round_trip <= kFreshAnswer;
    if (server > next.proven) {
        next.proven = server;
        next.from_wall = Duration{0};
    } else if (fresh) {
        next.proven -= std::min(Duration{next.proven - server}, next.from_wall);
        next.from_wall = Duration{0};
    }
    // Until now nobody had proved anything: what the clock lagged behind did not pass here.
    if (!next.server_proved && next.proven > before.now) next.scale_set += next.proven - before.now;
    next.server_proved = next.plausible = true;
    if (fresh) next.proved_boot = facts.boot_id;
    const Duration ahead = as_server(facts.wall) - next.proven;
    const bool follow = !fresh && !judged_in_this_boot(next, facts) && ahead > kClockNoise;
    return reading(std::move(next), facts, follow ? ahead : Duration{0}, policy);
}

Moment moment_of(const TimeReading& reading, std::uint64_t random) {
    return {reading.now, reading.health, random, reading.ledger.charged, reading.ledger.scale_set};
}

}  // namespace latchkey::core
