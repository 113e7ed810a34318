// Some things that happen have no event of their own: another event, the moment or the policy
// carries them. docs/lifecycle.md says which; here each of them happens.

#include "tests/unit/agent_core/world.h"

namespace latchkey::core {
namespace {

TEST(CoveredEvent, a_boot_is_a_row_that_is_read_again_and_a_tick) {
    auto w = installed();
    w << activation();
    remember_unanswered(w.state);
    const auto pending = pending_effects(w.state, w.moment, w.policy);
    EXPECT_TRUE(has<effect::SendIntent>(pending)) << "what was out is sent again";
    w.after(31 * day);
    EXPECT_EQ(w.status(), ProductStatus::notification) << "and what is due is found";
}

TEST(CoveredEvent, a_role_that_changes_is_the_next_steps_policy) {
    auto w = licensed();
    w << activation(kOtherKey);
    w.policy.role = Role::lab;
    w << answer(lease(w.now(), 2));
    EXPECT_EQ(w.status(), ProductStatus::licensed) << "what was under way comes to its end";
    EXPECT_EQ(w.state.lease_sequence, 2);
    w << activation(kOtherKey);
    EXPECT_EQ(w.refused->code, Code::lab_mode);
    w.after(8 * day);
    EXPECT_TRUE(has<effect::PrepareRenewal>(w.effects)) << "a license that is held is kept alive";
}

TEST(CoveredEvent, a_policy_that_changes_touches_no_grace_that_runs) {
    auto w = installed();
    w.policy.initial_grace = Days{5};
    w.policy.rearms = 0;
    w.after(29 * day);
    EXPECT_EQ(w.status(), ProductStatus::initial_grace) << "granted is granted";
    w << event::Rearm{};
    EXPECT_EQ(w.refused->code, Code::rearm_exhausted) << "the next one is judged anew";
    w.policy.rearms = 1;
    w << event::Rearm{} << event::FirstUse{};
    EXPECT_EQ(w.state.grace->ends_at, w.now() + 5 * day);
}

TEST(CoveredEvent, a_key_that_is_installed_and_a_hold_that_is_confirmed_are_the_same_decision) {
    auto w = installed();
    w << event::ActivationHeld{kKey, Code::would_count};
    EXPECT_EQ(w.state.product_key, kKey) << "installed, and not sent";
    w << activation(kKey, 1, true);
    EXPECT_FALSE(w.state.held);
    EXPECT_TRUE(has<effect::SendIntent>(w.effects));
    EXPECT_EQ(w.state.intent->max_count, 1) << "what the administrator accepted";
}

TEST(CoveredEvent, an_answer_that_does_not_verify_is_a_failed_attempt_and_changes_nothing_else) {
    auto w = licensed();
    w << activation(kOtherKey);
    const auto before = w.state;
    w << failed(Code::signature_invalid);
    EXPECT_EQ(w.status(), before.status);
    EXPECT_EQ(w.state.license_jws, before.license_jws);
    EXPECT_EQ(w.state.product_key, kKey);
    EXPECT_EQ(w.state.intent->idempotency_key, before.intent->idempotency_key);
    EXPECT_GT(*w.state.next_attempt_at, w.now()) << "and is tried again";
}

TEST(CoveredEvent, a_clock_that_moved_is_the_next_steps_moment) {
    auto w = installed();
    w.moment.now += 400 * day;
    w.moment.clock = ClockHealth::ahead;
    w << event::Tick{};
    EXPECT_EQ(w.status(), ProductStatus::notification);
    w.moment.now -= 400 * day;
    w << event::NetworkChanged{};
    EXPECT_EQ(w.status(), ProductStatus::initial_grace) << "whatever event comes next";
}

TEST(CoveredEvent, a_signed_time_is_the_next_steps_moment) {
    auto w = installed();
    w.moment.now += 100 * day;
    w.moment.scale_set = 100 * day;
    w << event::FirstUse{};
    EXPECT_EQ(w.status(), ProductStatus::initial_grace);
    EXPECT_EQ(w.state.grace->ends_at, w.now() + 30 * day);
}

TEST(CoveredEvent, a_clone_that_is_resolved_is_the_next_license) {
    auto w = licensed();
    w << event::CloneTold{};
    EXPECT_EQ(w.status(), ProductStatus::out_of_tolerance_grace);
    w.after(day);
    w << event::RenewalDecided{"{}", "r1"} << renewal(lease(w.now(), 2));
    EXPECT_EQ(w.status(), ProductStatus::licensed);
    EXPECT_FALSE(w.state.suspected_clone);
    EXPECT_EQ(w.state.tolerance_used, Duration{0});
}

/// The key server renews no lease of an ended entitlement: the lease runs out, with warning and
/// grace.
TEST(CoveredEvent, an_entitlement_that_ended_is_a_lease_that_is_not_renewed) {
    auto w = licensed();
    const auto end = *w.state.license->expires_at;
    w.after(8 * day);
    w << event::RenewalDecided{"{}", "r1"} << failed(Code::license_expired, true);
    EXPECT_EQ(w.status(), ProductStatus::licensed) << "what was given is not taken back";
    w.after(end - w.now());
    EXPECT_EQ(w.status(), ProductStatus::out_of_tolerance_grace);
    w.after(30 * day);
    EXPECT_EQ(w.status(), ProductStatus::notification);
}

}  // namespace
}  // namespace latchkey::core
