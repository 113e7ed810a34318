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

/// A boot that had lasted less cannot have been charged much twice.
constexpr SinceBoot kLongBoot{hours{1}};

/// A boot without a name must not look like an agent that never looked at a clock.
constexpr std::string_view kUnnamedBoot = "unnamed";

std::string_view boot_of(const ClockFacts& facts) {
    return facts.boot_id.empty() ? kUnnamedBoot : std::string_view(facts.boot_id);
}

/// Where boots have no names, only a boot clock that fell tells two of them apart.
bool is_same_boot(const TimeLedger& ledger, const ClockFacts& facts) {
    const auto boot = boot_of(facts);
    return ledger.boot_id == boot && (boot != kUnnamedBoot || facts.since_boot >= ledger.at);
}

void add_from_wall(TimeLedger& ledger, Duration by) {
    ledger.proven += by;
    ledger.from_wall += by;
}

/// What this boot's clock has counted since the ledger was written. A boot clock that is beyond the
/// last look under another name may be the old boot renamed, or another one: all of it counts, but
/// what the old one had counted before may be taken back like the wall clock's word.
void advance(TimeLedger& ledger, const ClockFacts& facts) {
    const Duration up = std::max(facts.since_boot.time_since_epoch(), Duration{0});
    const Duration beyond = std::max(facts.since_boot - ledger.at, Duration{0});
    const bool same = is_same_boot(ledger, facts);
    const bool renamed = !same && ledger.at >= kLongBoot && facts.since_boot >= ledger.at;
    const Duration certain = same || renamed ? beyond : up;
    ledger.proven += certain;
    ledger.charged += certain;
    if (renamed) add_from_wall(ledger, up - certain);
}

/// Nothing passed: the calendar was only unknown until now, or was corrected.
void move_scale(TimeLedger& ledger, Duration by) {
    ledger.scale_set += by;
    add_from_wall(ledger, by);
}

/// In the boot of the first look ever, before a server was heard, all time since then was counted
/// by the boot clock.
bool is_first_boot(const TimeLedger& ledger, const TimeLedger& advanced, const ClockFacts& facts) {
    return is_same_boot(ledger, facts) && !ledger.server_proved &&
           advanced.charged < facts.since_boot.time_since_epoch();
}

/// NTP or a person sets the calendar in the first boot: the scale moves, and back, never below what
/// was counted.
void follow_first_calendar(TimeLedger& ledger, Duration ahead) {
    if (ahead > kClockNoise) move_scale(ledger, ahead);
    if (ahead < -kClockNoise) move_scale(ledger, std::max(ahead, -ledger.scale_set));
}

bool judged_in_this_boot(const TimeLedger& ledger, const ClockFacts& facts) {
    return !ledger.proved_boot.empty() && ledger.proved_boot == boot_of(facts);
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
    ledger.boot_id = boot_of(facts);
    ledger.at = facts.since_boot;
    const auto health = judge(ledger, facts, provisional, policy);
    const ServerTime now = ledger.proven + provisional;
    return {std::move(ledger), now, health};
}

}  // namespace

TimeReading read_time(const TimeLedger& ledger, const ClockFacts& facts, const Policy& policy) {
    if (ledger.boot_id.empty()) return reading(first_look(facts), facts, Duration{0}, policy);
    const bool new_boot = !is_same_boot(ledger, facts);
    TimeLedger next = ledger;
    advance(next, facts);
    if (new_boot) next.proved_boot.clear();
    const ServerTime wall = as_server(facts.wall);
    const Duration ahead = wall - next.proven;
    if (!next.plausible) {
        next.plausible = wall >= kEarliestPlausible;
        if (next.plausible) move_scale(next, std::max(ahead, Duration{0}));
        return reading(std::move(next), facts, Duration{0}, policy);
    }
    if (is_first_boot(ledger, next, facts)) {
        follow_first_calendar(next, ahead);
        return reading(std::move(next), facts, Duration{0}, policy);
    }
    if (ahead <= Duration{0} || judged_in_this_boot(next, facts))
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
    if (fresh) next.proved_boot = boot_of(facts);
    const Duration ahead = as_server(facts.wall) - next.proven;
    const bool follow = !fresh && !judged_in_this_boot(next, facts) && ahead > kClockNoise;
    return reading(std::move(next), facts, follow ? ahead : Duration{0}, policy);
}

Moment moment_of(const TimeReading& reading, std::uint64_t random) {
    return {reading.now, reading.health, random, reading.ledger.charged, reading.ledger.scale_set};
}

}  // namespace latchkey::core
