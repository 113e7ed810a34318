#include <algorithm>

#include "agent/core/backoff.h"
#include "tests/unit/agent_core/world.h"

namespace latchkey::core {
namespace {

TEST(InitialGrace, is_granted_once_and_runs_thirty_days) {
    auto w = installed();
    EXPECT_EQ(w.status(), ProductStatus::initial_grace);
    EXPECT_EQ(w.state.grace->ends_at, kStart + 30 * day);
    w.after(30 * day - Duration{1});
    EXPECT_EQ(w.status(), ProductStatus::initial_grace);
    w.after(Duration{1});
    EXPECT_EQ(w.status(), ProductStatus::notification);
    w << event::ManifestSeen{} << event::ManifestRemoved{} << event::ManifestSeen{};
    EXPECT_EQ(w.status(), ProductStatus::notification) << "never a second one";
}

TEST(InitialGrace, of_no_days_ends_at_once) {
    World w;
    w.policy.initial_grace = Duration{0};
    w << event::ManifestSeen{};
    EXPECT_EQ(w.status(), ProductStatus::notification);
}

TEST(Reminders, come_daily_then_every_four_hours_then_hourly) {
    auto w = installed();
    std::vector<Duration> gaps;
    auto last = w.now();
    while (w.status() == ProductStatus::initial_grace) {
        w.after(*next_due(w.state, w.moment, w.policy) - w.now());
        if (!has<effect::Remind>(w.effects)) continue;
        gaps.push_back(w.now() - last);
        last = w.now();
    }
    EXPECT_EQ(std::count(gaps.begin(), gaps.end(), Duration{24 * hour}), 27);
    EXPECT_EQ(std::count(gaps.begin(), gaps.end(), Duration{4 * hour}), 12);
    EXPECT_EQ(std::count(gaps.begin(), gaps.end(), Duration{hour}), 24);
    EXPECT_EQ(gaps.size(), 63u);
}

TEST(Reminders, go_on_in_notification_and_block_nothing) {
    auto w = installed();
    w.after(31 * day);
    const auto first = *w.state.reminder_due_at;
    EXPECT_LE(first, w.now());
    w.after(Duration{0});
    EXPECT_TRUE(has<effect::Remind>(w.effects));
    EXPECT_EQ(*w.state.reminder_due_at, w.now() + 4 * hour);
}

TEST(Reminders, warn_twenty_days_before_a_lease_ends) {
    auto w = licensed();
    EXPECT_EQ(w.state.reminder_due_at, *w.state.license->expires_at - 20 * day);
    w.moment.now = *w.state.license->expires_at - 20 * day;
    w << event::Tick{};
    EXPECT_TRUE(has<effect::Remind>(w.effects));
    EXPECT_EQ(w.status(), ProductStatus::licensed);
}

TEST(Reminders, a_renewed_lease_moves_its_warning_along) {
    auto w = licensed();
    w.after(10 * day);
    w << event::RenewalDecided{"{}", "r1"} << renewal(lease(w.now(), 2));
    EXPECT_EQ(w.state.reminder_due_at, w.now() + 160 * day);
}

TEST(Reminders, a_perpetual_license_has_none) {
    auto w = installed();
    w.activate(perpetual(w.now()));
    EXPECT_FALSE(w.state.reminder_due_at);
}

TEST(Rearm, restarts_the_grace_frozen_until_first_use) {
    auto w = installed();
    w.after(29 * day);
    w << event::Rearm{};
    EXPECT_EQ(w.status(), ProductStatus::extended_grace);
    EXPECT_EQ(w.state.rearms_used, 1);
    EXPECT_TRUE(w.state.grace->frozen);
    w.after(100 * day);
    EXPECT_EQ(w.status(), ProductStatus::extended_grace) << "not used yet";
    EXPECT_EQ(next_due(w.state, w.moment, w.policy), w.state.ledger.ask_at)
        << "nothing is ever due but to tell the key server";
    w << event::FirstUse{};
    EXPECT_EQ(w.state.grace->ends_at, w.now() + 30 * day);
    EXPECT_EQ(w.state.first_used_at, w.now());
    w.after(30 * day);
    EXPECT_EQ(w.status(), ProductStatus::notification);
}

TEST(Rearm, while_the_timer_is_still_frozen_spends_nothing) {
    auto w = installed();
    w << event::Rearm{} << event::Rearm{};
    EXPECT_FALSE(w.refused);
    EXPECT_EQ(w.state.rearms_used, 1);
}

TEST(Rearm, is_refused_when_none_is_left) {
    auto w = installed();
    for (int i = 0; i < 3; ++i) w << event::Rearm{} << event::FirstUse{};
    const auto before = w.state.grace;
    w << event::Rearm{};
    ASSERT_TRUE(w.refused);
    EXPECT_EQ(w.refused->code, Code::rearm_exhausted);
    EXPECT_EQ(w.state.rearms_used, 3);
    EXPECT_EQ(w.state.grace, before);
    EXPECT_TRUE(w.effects.empty());
}

TEST(Rearm, also_starts_from_notification_and_after_a_deactivation) {
    auto w = installed();
    w.after(40 * day);
    w << event::Rearm{};
    EXPECT_EQ(w.status(), ProductStatus::extended_grace);
    auto ended = licensed();
    ended << event::Deactivated{} << event::Rearm{};
    EXPECT_EQ(ended.status(), ProductStatus::extended_grace);
}

TEST(Rearm, has_nothing_to_restart_where_no_grace_runs) {
    auto w = licensed();
    w << event::Rearm{};
    EXPECT_EQ(w.refused->code, Code::no_grace_period);
    World free;
    free << event::ManifestSeen{false} << event::Rearm{};
    EXPECT_EQ(free.refused->code, Code::activation_not_required);
    auto revoked = licensed();
    revoked << event::Revoked{} << event::Rearm{};
    EXPECT_EQ(revoked.refused->code, Code::license_revoked);
}

TEST(Rearm, C9_a_lab_machine_lives_on_grace_and_rearms) {
    auto w = installed();
    w.policy.role = Role::lab;
    Duration lived{0};
    for (int i = 0; i < 4; ++i) {
        while (w.status() != ProductStatus::notification) {
            w.after(day);
            lived += day;
        }
        w << event::Rearm{} << event::FirstUse{};
    }
    EXPECT_EQ(lived, 120 * day) << "initial grace and three rearms";
    w << activation();
    EXPECT_EQ(w.refused->code, Code::lab_mode);
}

TEST(FirstUse, is_recorded_once) {
    auto w = installed();
    w << event::FirstUse{};
    const auto first = w.state.first_used_at;
    const auto grace = w.state.grace;
    w.after(day);
    w << event::FirstUse{};
    EXPECT_EQ(w.state.first_used_at, first);
    EXPECT_EQ(w.state.grace, grace) << "an initial grace does not wait for it";
}

TEST(NetworkChanged, brings_a_waiting_retry_within_fifteen_minutes) {
    auto w = installed();
    w << activation();
    for (int i = 0; i < 10; ++i) w << failed(Code::keyserver_unreachable);
    ASSERT_GT(*w.state.next_attempt_at, w.now() + day);
    const int position = w.state.retry_position;
    w << event::NetworkChanged{};
    EXPECT_LE(*w.state.next_attempt_at, w.now() + 15 * minute);
    EXPECT_EQ(w.state.retry_position, position);
}

TEST(NetworkChanged, hurries_neither_an_answer_under_way_nor_a_renewal_that_is_not_due) {
    auto w = installed();
    w << activation();
    const auto waiting = w.state.next_attempt_at;
    w << event::NetworkChanged{};
    EXPECT_EQ(w.state.next_attempt_at, waiting);
    auto l = licensed();
    const auto renewal_at = l.state.next_attempt_at;
    l << event::NetworkChanged{};
    EXPECT_EQ(l.state.next_attempt_at, renewal_at);
}

TEST(CorrectedClock, a_provisional_end_of_grace_is_given_back) {
    auto w = installed();
    w.after(10 * day);
    const auto truth = w.moment.now;
    w.moment.now += 73 * 365 * day;  // the wall clock alone
    w << event::Tick{};
    EXPECT_EQ(w.status(), ProductStatus::notification);
    w.moment.now = truth;
    w << event::Tick{};
    EXPECT_EQ(w.status(), ProductStatus::initial_grace);
    EXPECT_EQ(w.state.grace->ends_at, kStart + 30 * day) << "costs nothing, gains nothing";
}

TEST(CorrectedClock, a_grace_that_began_in_2099_keeps_what_the_boot_clock_charged) {
    World w;
    w.moment.now = kStart + 73 * 365 * day;
    w << event::ManifestSeen{};
    w.after(12 * day);
    w.moment.now = kStart + 12 * day;  // a signed time took 73 years back
    w << event::Tick{};
    EXPECT_EQ(w.status(), ProductStatus::initial_grace);
    EXPECT_EQ(w.state.grace->ends_at, kStart + 30 * day);
}

TEST(CorrectedClock, a_jump_before_the_grace_is_not_refunded_into_it) {
    World w;
    w.moment.now = kStart + 40 * day;  // 40 days ahead, firm
    w << event::ManifestSeen{};
    w.after(25 * day);
    w.moment.now -= 40 * day;
    w << event::Tick{};
    EXPECT_EQ(w.state.grace->ends_at - w.now(), Duration{5 * day});
}

TEST(CorrectedClock, a_jump_within_the_grace_is_refunded) {
    auto w = installed();
    w.moment.now += 20 * day;
    w << event::Tick{};
    w.after(5 * day);
    w.moment.now -= 20 * day;
    w << event::Tick{};
    EXPECT_EQ(w.state.grace->ends_at - w.now(), Duration{25 * day});
}

TEST(CorrectedClock, a_clock_set_for_the_first_time_takes_the_grace_along) {
    World w;
    w.moment.now = kEarliestPlausible;
    w << event::ManifestSeen{};
    w.after(hour);
    w.moment.now += 300 * day;
    w.moment.scale_set = 300 * day;
    w << event::Tick{};
    EXPECT_EQ(w.status(), ProductStatus::initial_grace);
    EXPECT_EQ(w.state.grace->ends_at - w.now(), Duration{30 * day - Duration{hour}});
}

TEST(CorrectedClock, a_lease_that_ran_out_in_2099_is_in_force_again) {
    auto w = licensed();
    const auto truth = w.moment.now;
    w.moment.now += 73 * 365 * day;
    w << event::Tick{};
    EXPECT_EQ(w.status(), ProductStatus::out_of_tolerance_grace);
    w.moment.now = truth;
    w << event::Tick{};
    EXPECT_EQ(w.status(), ProductStatus::licensed);
    EXPECT_EQ(w.state.tolerance_used, Duration{0});
}

TEST(CorrectedClock, no_timer_is_starved_by_a_deadline_from_the_future) {
    World w;
    w.moment.now = kStart + 73 * 365 * day;
    w << event::ManifestSeen{} << activation() << failed(Code::keyserver_unreachable);
    w.moment.now = kStart;
    EXPECT_LE(*next_due(w.state, w.moment, w.policy), kStart + longest_retry_delay(w.policy));
    w << event::Tick{};
    EXPECT_LE(*w.state.next_attempt_at, kStart + longest_retry_delay(w.policy));
    EXPECT_LE(*w.state.reminder_due_at, kStart + day);

    auto l = World{};
    l.moment.now = kStart + 73 * 365 * day;
    l << event::ManifestSeen{};
    l.activate(lease(kStart));
    l.moment.now = kStart;
    l << event::Tick{};
    EXPECT_EQ(l.status(), ProductStatus::licensed);
    EXPECT_LE(*l.state.renew_at, kStart + 7 * day) << "a lease's own interval";
}

}  // namespace
}  // namespace latchkey::core
