#include "agent/core/trusted_time.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/fakes/fake_clock.h"

namespace latchkey::core {
namespace {

using fakes::day;
using fakes::FakeClock;
using fakes::hour;
using fakes::minute;

const Policy policy;

/// A machine whose agent looks at the clock, and a key server it may reach.
struct Machine {
    FakeClock clock;
    TimeLedger ledger;
    TimeReading last;

    ClockFacts facts() const {
        const auto now = clock.now();
        return {now.wall, now.since_boot, now.boot_id};
    }
    TimeReading& look() {
        last = read_time(ledger, facts(), policy);
        ledger = last.ledger;
        return last;
    }
    TimeReading& hear(ServerTime server, Duration round_trip = seconds{1}) {
        last = signed_time(ledger, facts(), server, round_trip, policy);
        ledger = last.ledger;
        return last;
    }
    ServerTime wall() const { return as_server(clock.wall()); }
};

Machine started() {
    Machine m;
    m.look();
    return m;
}

Machine proven() {
    auto m = started();
    m.hear(m.wall());
    return m;
}

TEST(TrustedTime, first_look_believes_a_possible_date_and_says_unproven) {
    auto m = started();
    EXPECT_EQ(m.last.now, m.wall());
    EXPECT_EQ(m.last.health, ClockHealth::unproven);
    EXPECT_EQ(proven().last.health, ClockHealth::ok);
}

TEST(TrustedTime, ordinary_days_follow_the_boot_clock) {
    auto m = proven();
    const auto before = m.last.now;
    m.clock += 3 * day;
    EXPECT_EQ(m.look().now, before + 3 * day);
    EXPECT_EQ(m.ledger.charged, 3 * day);
    EXPECT_EQ(m.ledger.from_wall, Duration{0});
}

struct Jump {
    const char* name;
    Duration wall;       ///< somebody turns the calendar
    bool reboot;         ///< and starts the machine again
    Duration seen;       ///< how far `now` moves beyond the boot clock
    Duration persisted;  ///< how far the firm mark moves
    ClockHealth health;
};

TEST(TrustedTime, table_of_jumps) {
    const auto ok = ClockHealth::ok;
    const Duration none{0};
    const std::vector<Jump> jumps{
        {"a second back", -seconds{1}, false, none, none, ok},
        {"hours back are noise", -23 * hour, false, none, none, ok},
        {"two days back", -2 * day, false, none, none, ClockHealth::behind},
        {"two days back over a reboot", -2 * day, true, none, none, ClockHealth::behind},
        {"50 years back", -50 * 365 * day, true, none, none, ClockHealth::behind},
        {"a second ahead is noise", seconds{1}, false, none, none, ok},
        {"ten days ahead in a judged boot", 10 * day, false, none, none, ClockHealth::ahead},
        {"ten days ahead over a reboot", 10 * day, true, 10 * day, 10 * day, ok},
        {"45 days ahead over a reboot", 45 * day - minute, true, 45 * day - minute,
         45 * day - minute, ok},
        {"46 days ahead over a reboot", 46 * day, true, 46 * day, none, ClockHealth::ahead},
        {"50 years ahead over a reboot", 50 * 365 * day, true, 50 * 365 * day, none,
         ClockHealth::ahead},
    };
    for (const auto& jump : jumps) {
        SCOPED_TRACE(jump.name);
        auto m = proven();
        const auto before = m.last.now;
        Duration counted{0};
        m.clock.turn_wall(jump.wall);
        if (jump.reboot) {
            m.clock.reboot();
            counted = minute;
        }
        m.look();
        EXPECT_EQ(m.last.now, before + counted + jump.seen);
        EXPECT_EQ(m.ledger.proven, before + counted + jump.persisted);
        EXPECT_EQ(m.last.health, jump.health);
        EXPECT_EQ(m.ledger.charged, counted);
    }
}

TEST(TrustedTime, an_unjudged_boot_follows_the_wall_clock_only_provisionally) {
    auto m = started();
    m.clock.reboot();
    const auto before = m.look().now;
    m.clock.turn_wall(10 * day);
    EXPECT_EQ(m.look().now, before + 10 * day);
    EXPECT_EQ(m.ledger.proven, before);
    m.clock.turn_wall(-10 * day);
    EXPECT_EQ(m.look().now, before) << "given back";
    EXPECT_EQ(m.last.health, ClockHealth::unproven);
}

TEST(TrustedTime,
     in_the_very_first_boot_a_calendar_that_is_set_moves_the_scale_and_no_time_passes) {
    auto m = started();
    const auto before = m.last.now;
    m.clock += hour;
    m.clock.turn_wall(150 * day);  // NTP: the image's own date was months old
    EXPECT_EQ(m.look().now, before + Duration{hour} + 150 * day);
    EXPECT_EQ(m.ledger.scale_set, 150 * day);
    EXPECT_EQ(m.ledger.charged, hour) << "an hour passed and no more";
    m.clock.turn_wall(-200 * day);
    EXPECT_EQ(m.look().now, before + hour) << "back, and not below what was counted";
    EXPECT_EQ(m.ledger.scale_set, Duration{0});
    m.clock.turn_wall(60 * day);
    m.clock.reboot();
    m.look();
    m.clock.turn_wall(150 * day);
    m.look();
    EXPECT_EQ(m.ledger.scale_set, Duration{0}) << "in a later boot it may have been off";
}

TEST(TrustedTime, the_first_boot_ends_with_the_first_server) {
    auto m = proven();
    const auto before = m.last.now;
    m.clock.turn_wall(10 * day);
    EXPECT_EQ(m.look().now, before);
    EXPECT_EQ(m.ledger.scale_set, Duration{0});
}

ClockFacts facts_of_boot(const std::string& id, Duration up, Duration wall) {
    return {WallTime{Days{20605}} + wall, SinceBoot{up}, id};
}

TEST(TrustedTime, boots_without_a_name_keep_their_ledger) {
    auto reading = read_time({}, facts_of_boot("", hour, Duration{0}), policy);
    const auto start = reading.now;
    reading = read_time(reading.ledger, facts_of_boot("", 50 * Duration{hour}, -Days{40}), policy);
    EXPECT_EQ(reading.now, start + 49 * Duration{hour}) << "a turned calendar starts nothing anew";
    reading = read_time(reading.ledger, facts_of_boot("", hour, -Days{40}), policy);
    EXPECT_EQ(reading.now, start + 50 * Duration{hour}) << "less than before: another boot";
    reading = signed_time(reading.ledger, facts_of_boot("", hour, -Days{40}),
                          start + 50 * Duration{hour}, seconds{1}, policy);
    reading = read_time(reading.ledger, facts_of_boot("", minute, Days{10}), policy);
    EXPECT_GT(reading.now, start + Days{9}) << "the judgement ended with its boot";
}

TEST(TrustedTime, a_repeated_name_is_the_same_boot_and_no_clock_runs_backwards) {
    auto reading = read_time({}, facts_of_boot("b", 10 * Duration{hour}, Duration{0}), policy);
    const auto start = reading.now;
    reading = read_time(reading.ledger, facts_of_boot("b", minute, -Days{1}), policy);
    EXPECT_EQ(reading.now, start);
    reading = read_time(reading.ledger, facts_of_boot("b", Duration{hour} + minute, {}), policy);
    EXPECT_EQ(reading.now, start + hour);
}

TEST(TrustedTime, a_boot_that_changed_its_name_charges_its_past_only_until_a_server_knows_better) {
    auto reading = read_time({}, facts_of_boot("a", Days{20}, Duration{0}), policy);
    const auto start = reading.now;
    const auto renamed = facts_of_boot("b", Days{20} + hours{1}, hours{1});
    reading = read_time(reading.ledger, renamed, policy);
    EXPECT_EQ(reading.now, start + Days{20} + hours{1}) << "it may have been another boot";
    EXPECT_EQ(reading.ledger.charged, hour);
    reading = signed_time(reading.ledger, renamed, start + hours{1}, seconds{1}, policy);
    EXPECT_EQ(reading.now, start + hours{1}) << "it was not";
}

TEST(TrustedTime, a_clock_before_ntp_sets_the_scale_once) {
    for (const auto wrong : {WallTime{}, WallTime{Days{365 * 40}}}) {
        Machine m;
        const auto right = m.clock.wall();
        m.clock.set_wall(wrong);
        EXPECT_EQ(m.look().now, kEarliestPlausible);
        EXPECT_EQ(m.last.health, ClockHealth::behind);
        m.clock += hour;
        EXPECT_EQ(m.look().now, kEarliestPlausible + hour);
        m.clock.set_wall(right);
        EXPECT_EQ(m.look().now, as_server(right));
        EXPECT_EQ(m.ledger.scale_set, right - as_wall(kEarliestPlausible + hour));
        EXPECT_EQ(m.ledger.charged, hour);
        EXPECT_EQ(m.last.health, ClockHealth::unproven);
    }
}

TEST(TrustedTime, dead_battery_in_2099_at_first_start_is_taken_back_by_a_signed_time) {
    Machine m;
    const auto right = as_server(m.clock.wall());
    m.clock.turn_wall(73 * 365 * day);
    m.look();
    m.clock += 2 * day;
    m.look();
    EXPECT_EQ(m.hear(right + 2 * day).now, right + 2 * day);
    EXPECT_EQ(m.last.health, ClockHealth::ahead) << "the wall clock is still wrong";
    m.clock += hour;
    EXPECT_EQ(m.look().now, right + 2 * day + hour) << "and no longer believed in this boot";
}

TEST(TrustedTime, dates_around_2038_and_2106_are_nothing_special) {
    for (const std::int64_t edge : {2'147'483'647LL, 4'294'967'295LL}) {
        Machine m;
        m.clock.set_wall(WallTime{seconds{edge}} - hour);
        m.look();
        const auto before = m.last.now;
        m.clock += 2 * hour;
        EXPECT_EQ(m.look().now, before + 2 * hour);
    }
}

TEST(TrustedTime, a_year_of_suspend_counts_in_full) {
    auto m = proven();
    const auto before = m.last.now;
    m.clock += 365 * day;
    EXPECT_EQ(m.look().now, before + 365 * day);
    EXPECT_EQ(m.last.health, ClockHealth::ok);
}

TEST(TrustedTime, a_year_switched_off_is_provisional_until_a_server_confirms_it) {
    auto m = proven();
    const auto before = m.ledger.proven;
    m.clock.reboot(365 * day);
    EXPECT_EQ(m.look().now, m.wall());
    EXPECT_EQ(m.ledger.proven, before + minute);
    EXPECT_EQ(m.hear(m.wall()).now, m.wall());
    EXPECT_EQ(m.ledger.proven, m.wall());
    EXPECT_EQ(m.last.health, ClockHealth::ok);
}

TEST(TrustedTime, setting_the_clock_back_gains_only_the_time_switched_off) {
    auto m = proven();
    const auto before = m.last.now;
    m.clock += 5 * day;
    m.look();
    m.clock.set_wall(as_wall(before));
    m.clock.reboot();
    EXPECT_EQ(m.look().now, before + 5 * day + minute);
}

TEST(TrustedTime, signed_time_is_a_lower_bound_also_when_it_is_slow) {
    auto m = proven();
    const auto ahead = m.last.now + 3 * day;
    EXPECT_EQ(m.hear(ahead, hours{2}).now, ahead);
}

TEST(TrustedTime, signed_time_refunds_only_the_wall_clocks_part_and_only_when_fresh) {
    auto m = proven();
    const auto before = m.last.now;
    m.clock.turn_wall(30 * day);
    m.clock.reboot();
    m.look();
    m.clock += 2 * day;
    m.look();
    const auto wrong = m.last.now;
    EXPECT_EQ(wrong, before + minute + 32 * day);
    EXPECT_EQ(m.hear(before + 2 * day, minutes{2}).now, wrong) << "too slow to refund";
    EXPECT_EQ(m.hear(before, seconds{1}).now, before + minute + 2 * day)
        << "time the boot clock counted is never refunded";
    const auto after = m.ledger.proven;
    m.hear(before, seconds{1});
    EXPECT_EQ(m.ledger.proven, after) << "and a refund is given once";
}

TEST(TrustedTime, first_proof_of_a_clock_that_lagged_sets_the_scale) {
    auto m = started();
    const auto right = m.last.now + 100 * day;
    EXPECT_EQ(m.hear(right).now, right);
    EXPECT_EQ(m.ledger.scale_set, 100 * day);
    m.hear(right + 100 * day);
    EXPECT_EQ(m.ledger.scale_set, 100 * day) << "only the first";
}

TEST(TrustedTime, a_snapshot_that_turned_the_boot_clock_back_takes_nothing_back) {
    auto m = proven();
    m.clock += 5 * day;
    const auto before = m.look().now;
    auto facts = m.facts();
    facts.since_boot -= 4 * day;
    const auto reading = read_time(m.ledger, facts, policy);
    EXPECT_EQ(reading.now, before);
}

/// Whatever somebody does with the calendar and the power switch: trusted time passes at least as
/// fast as the machine runs, and the firm mark never falls.
TEST(TrustedTime, alternating_jumps_farm_nothing) {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        std::mt19937_64 random(seed);
        auto m = proven();
        const auto start = m.last.now;
        Duration ran{0};
        for (int i = 0; i < 60; ++i) {
            const auto mark = m.ledger.proven;
            const auto days = static_cast<std::int64_t>(random() % 80) - 40;
            switch (random() % 3) {
                case 0:
                    m.clock.turn_wall(days * day);
                    break;
                case 1:
                    m.clock += Duration{hour} * static_cast<int>(random() % 50);
                    break;
                default:
                    m.clock.reboot();
            }
            const auto charged = m.ledger.charged;
            m.look();
            ran += m.ledger.charged - charged;
            ASSERT_GE(m.ledger.proven, mark) << "seed " << seed;
            ASSERT_GE(m.last.now, start + ran) << "seed " << seed;
            ASSERT_GE(m.last.now, m.ledger.proven) << "seed " << seed;
        }
    }
}

TEST(MomentOf, carries_what_the_core_needs) {
    auto m = proven();
    m.clock += day;
    const auto moment = moment_of(m.look(), 42);
    EXPECT_EQ(moment.now, m.last.now);
    EXPECT_EQ(moment.charged, day);
    EXPECT_EQ(moment.random, 42u);
    EXPECT_EQ(moment.off_clock(), m.last.now.time_since_epoch() - day);
}

}  // namespace
}  // namespace latchkey::core
