#pragma once

// A machine with one product on it, whose calendar and whose real time are two things. Its agent
// looks at every deadline once a tick and whenever the calendar is turned, and keeps what it proved
// then; a power cut loses what came after.

#include <functional>

#include "agent/core/backoff.h"
#include "agent/core/trusted_time.h"
#include "tests/unit/agent_core/world.h"

namespace latchkey::core {

/// Proven time is made durable this often (agent/daemon), so one power cut gives back no more.
inline constexpr Duration kTick = hours{1};

class JumpyMachine {
public:
    fakes::FakeClock clock;
    World world;
    std::function<void(const Effects&)> perform;  ///< called after every step; may be empty

    ServerTime truth() const { return as_server(clock.wall() - wrong_); }
    bool calendar_is_right() const { return wrong_ == Duration{0}; }

    /// Somebody, a battery or NTP turns the calendar; the agent is told and looks.
    void turn(Duration by) {
        turn_unseen(by);
        look();
    }
    void turn_unseen(Duration by) {
        clock.turn_wall(by);
        wrong_ += by;
    }
    void put_right() { turn(-wrong_); }

    void look() { happen(event::Tick{}); }
    void happen(const Event& event) {
        take(read_time(ledger_, facts(), world.policy));
        go(event);
    }
    /// Real time passes, awake or asleep; one look at its end.
    void sleep(Duration passed) {
        clock += passed;
        look();
    }
    void run(Duration time) {
        for (; time > Duration{0}; time -= kTick) sleep(std::min(time, kTick));
    }
    /// An orderly one: what was proved is kept.
    void reboot() {
        look();
        clock.reboot();
        look();
    }
    /// Almost a tick after the last look; then off for so long. The agent looks when it is back.
    void power_cut(Duration off, Duration turned_meanwhile = Duration{0}) {
        clock += kTick - seconds{1};
        clock.reboot(off);
        turn(turned_meanwhile);
    }
    /// A fresh signed time from a key server that is right.
    void hear() {
        take(signed_time(ledger_, facts(), truth(), seconds{1}, world.policy));
        go(event::Tick{});
    }

    /// How long the product can go on if nothing else happens; none: it has no deadline.
    std::optional<Duration> left() const {
        ProductState seen = world.state;
        follow_corrected_clock(seen, world.moment);
        if (license_in_force(seen, world.now()))
            return *seen.license->expires_at - world.now() + world.policy.out_of_tolerance_grace;
        if (!seen.grace) return std::nullopt;
        return seen.grace->frozen ? seen.grace->length : seen.grace->ends_at - world.now();
    }
    /// How long until the agent's timer wakes it for this product.
    Duration next_look() const {
        const auto due = next_due(world.state, world.moment, world.policy);
        return due ? *due - world.now() : Duration{0};
    }
    /// No wish of the row lies further ahead than its rules allow.
    bool is_starved() const {
        const auto& s = world.state;
        const auto beyond = [&](const std::optional<ServerTime>& at, Duration most) {
            return at && *at > world.now() + most;
        };
        const Duration renewal = std::max(world.policy.renewal_interval, Duration{Days{30}});
        const bool retries = s.intent.has_value();
        return beyond(s.next_attempt_at, retries ? longest_retry_delay(world.policy) : renewal) ||
               beyond(s.renew_at, renewal) ||
               (in_grace(s.status) && beyond(s.reminder_due_at, hours{24})) ||
               (s.intent && !s.next_attempt_at);
    }
    const TimeLedger& ledger() const { return ledger_; }

private:
    ClockFacts facts() const {
        const auto now = clock.now();
        return {now.wall, now.since_boot, now.boot_id};
    }
    void go(const Event& event) {
        world << event;
        if (perform) perform(world.effects);
    }
    void take(const TimeReading& reading) {
        ledger_ = reading.ledger;
        const auto random = world.moment.random;
        world.moment = moment_of(reading, random);
    }

    TimeLedger ledger_;
    Duration wrong_{0};
};

}  // namespace latchkey::core
