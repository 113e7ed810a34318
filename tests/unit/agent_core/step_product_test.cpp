#include <algorithm>

#include "tests/unit/agent_core/world.h"

namespace latchkey::core {
namespace {

TEST(Manifest, K7_a_product_that_needs_no_activation_is_not_required_in_every_state) {
    World w;
    w << event::ManifestSeen{false};
    EXPECT_EQ(w.status(), ProductStatus::not_required);
    EXPECT_FALSE(next_due(w.state, w.moment, w.policy));
    w << activation();
    EXPECT_EQ(w.refused->code, Code::activation_not_required);
    EXPECT_FALSE(w.state.intent);
}

TEST(Manifest, a_product_that_needs_activation_again_continues_where_it_was) {
    auto grace = installed();
    grace.after(10 * day);
    grace << event::ManifestSeen{false} << event::ManifestSeen{true};
    EXPECT_EQ(grace.status(), ProductStatus::initial_grace);
    EXPECT_EQ(grace.state.grace->ends_at, kStart + 30 * day);

    auto l = licensed();
    l << event::ManifestSeen{false};
    EXPECT_FALSE(next_due(l.state, l.moment, l.policy));
    l << event::ManifestSeen{true};
    EXPECT_EQ(l.status(), ProductStatus::licensed);
    EXPECT_TRUE(l.state.next_attempt_at);

    auto ended = licensed();
    ended << event::Deactivated{} << event::ManifestSeen{false} << event::ManifestSeen{true};
    EXPECT_EQ(ended.status(), ProductStatus::unlicensed);

    World fresh;
    fresh << event::ManifestSeen{false} << event::ManifestSeen{true};
    EXPECT_EQ(fresh.status(), ProductStatus::initial_grace);
}

TEST(Manifest, a_rebuilt_state_without_a_grace_left_is_given_none) {
    World w;
    w.state.grace_granted = true;
    w.state.status = ProductStatus::notification;
    w << event::ManifestSeen{false} << event::ManifestSeen{true};
    EXPECT_EQ(w.status(), ProductStatus::notification);
    EXPECT_FALSE(w.state.grace);
}

TEST(Manifest, that_is_removed_leaves_the_state_alone) {
    auto w = licensed();
    w << event::ManifestRemoved{};
    EXPECT_EQ(w.status(), ProductStatus::licensed);
    EXPECT_EQ(reports(w.effects), std::vector<std::string>{"manifest_removed"});
}

TEST(Hardware, a_significant_change_starts_out_of_tolerance_grace_and_asks_for_reactivation) {
    auto w = licensed();
    w << changed_hardware();
    EXPECT_EQ(w.status(), ProductStatus::out_of_tolerance_grace);
    EXPECT_EQ(w.state.grace->ends_at, w.now() + 30 * day);
    w << event::Tick{};
    EXPECT_TRUE(has<effect::PrepareReactivation>(w.effects));
    w.after(31 * day);
    EXPECT_EQ(w.status(), ProductStatus::notification);
    EXPECT_TRUE(w.state.license) << "the license is kept";
}

TEST(Hardware, another_machine_starts_it_too_and_unreadable_hardware_never) {
    auto w = licensed();
    w << hardware(hwid::Verdict::different, true);
    EXPECT_EQ(w.status(), ProductStatus::out_of_tolerance_grace);
    auto u = licensed();
    u << hardware(hwid::Verdict::insufficient, true);
    EXPECT_EQ(u.status(), ProductStatus::licensed);
}

TEST(Hardware, going_back_to_the_old_hardware_heals) {
    auto w = licensed();
    w << changed_hardware() << hardware(hwid::Verdict::insufficient, true);
    EXPECT_EQ(w.status(), ProductStatus::out_of_tolerance_grace) << "unreadable heals nothing";
    w << same_hardware();
    EXPECT_EQ(w.status(), ProductStatus::licensed);
    EXPECT_FALSE(w.state.grace);
    w << changed_hardware();
    w.after(60 * day);
    EXPECT_EQ(w.status(), ProductStatus::notification);
    w << same_hardware();
    EXPECT_EQ(w.status(), ProductStatus::licensed) << "also after the grace";
}

TEST(Hardware, going_back_and_forth_refills_no_grace) {
    auto w = licensed();
    Duration in_grace{0};
    for (int i = 0; i < 20; ++i) {
        w << changed_hardware();
        for (int d = 0; d < 4 && w.status() == ProductStatus::out_of_tolerance_grace; ++d) {
            w.after(day);
            in_grace += day;
        }
        w << same_hardware();
        w.after(day);
    }
    EXPECT_EQ(in_grace, 30 * day);
}

TEST(Hardware, the_key_servers_answer_refills_the_tolerance) {
    auto w = licensed();
    w << changed_hardware();
    w.after(20 * day);
    w << same_hardware();
    EXPECT_EQ(w.state.tolerance_used, Duration{20 * day});
    w << event::RenewalDecided{"{}", "r1"} << renewal(lease(w.now(), 2));
    EXPECT_EQ(w.state.tolerance_used, Duration{0});
}

TEST(Hardware, without_a_license_is_nobodys_business) {
    auto w = installed();
    w << changed_hardware();
    EXPECT_EQ(w.status(), ProductStatus::initial_grace);
    EXPECT_TRUE(w.effects.empty());
}

TEST(Hardware, C9_a_lab_machine_asks_for_no_reactivation) {
    auto w = licensed();
    w.policy.role = Role::lab;
    w << changed_hardware();
    for (int i = 0; i < 30; ++i) {
        w.after(day);
        EXPECT_FALSE(has<effect::PrepareReactivation>(w.effects));
    }
}

TEST(Hardware, that_waits_for_an_administrator_is_looked_at_daily_and_not_all_the_time) {
    auto w = licensed();
    w << changed_hardware();
    w << event::ActivationHeld{kKey, Code::would_count};
    int looks = 0;
    for (const auto until = w.now() + 20 * day; w.now() < until;) {
        w.after(std::max(*next_due(w.state, w.moment, w.policy) - w.now(), Duration{1000}));
        if (has<effect::PrepareRenewal>(w.effects)) ++looks;
    }
    EXPECT_GE(looks, 11) << "the old hardware may come back";
    EXPECT_LE(looks, 15);
}

TEST(Hardware, a_crash_does_not_forget_to_ask_for_the_reactivation) {
    auto w = licensed();
    w << changed_hardware();
    EXPECT_TRUE(has<effect::PrepareReactivation>(pending_effects(w.state, w.moment, w.policy)));
    w << event::Tick{};
    EXPECT_FALSE(has<effect::PrepareReactivation>(pending_effects(w.state, w.moment, w.policy)))
        << "a restart does not jump the queue";
}

TEST(Hardware, asks_ever_more_slowly_while_nobody_answers) {
    auto w = licensed();
    w << changed_hardware();
    int asked = 0;
    for (int h = 0; h < 24 * 30; ++h) {
        w.after(hour);
        asked += has<effect::PrepareReactivation>(w.effects) ? 1 : 0;
    }
    EXPECT_GE(asked, 10);
    EXPECT_LE(asked, 20);
}

TEST(Revocation, starts_the_notice_period_and_then_reminds) {
    auto w = licensed();
    w << event::Revoked{"Blocked."};
    EXPECT_EQ(w.status(), ProductStatus::non_genuine_grace);
    EXPECT_EQ(w.state.grace->ends_at, w.now() + 7 * day);
    w.after(day);
    w << event::Revoked{"Again."};
    EXPECT_EQ(w.state.grace->started_at, kStart) << "told twice, counted once";
    w.after(7 * day);
    EXPECT_EQ(w.status(), ProductStatus::notification);
    w << same_hardware();
    EXPECT_EQ(w.status(), ProductStatus::notification) << "hardware does not heal it";
}

TEST(Revocation, gives_a_machine_in_notification_no_new_grace) {
    auto w = licensed();
    w << changed_hardware();
    w.after(31 * day);
    w << event::Revoked{};
    EXPECT_EQ(w.status(), ProductStatus::notification);
    EXPECT_TRUE(w.state.revoked);
}

TEST(Revocation, is_over_when_a_license_arrives) {
    auto w = licensed();
    w << event::Revoked{};
    w << event::RenewalDecided{"{}", "r1"} << renewal(lease(w.now(), 2));
    EXPECT_EQ(w.status(), ProductStatus::licensed);
    EXPECT_FALSE(w.state.revoked);
}

TEST(Clone, gets_full_grace_once) {
    auto w = licensed();
    w << event::CloneTold{};
    EXPECT_EQ(w.status(), ProductStatus::out_of_tolerance_grace);
    EXPECT_TRUE(w.state.suspected_clone);
    w.after(10 * day);
    w << event::CloneTold{};
    EXPECT_EQ(w.state.grace->ends_at, kStart + 30 * day);
    EXPECT_FALSE(has<effect::PrepareReactivation>(w.effects));
    w << activation(kKey, 1, true, "idem-2") << answer(lease(w.now()));
    EXPECT_EQ(w.status(), ProductStatus::licensed);
    EXPECT_FALSE(w.state.suspected_clone);
}

TEST(Lease, that_runs_out_passes_through_grace_into_notification) {
    auto w = licensed();
    w.after(180 * day);
    EXPECT_EQ(w.status(), ProductStatus::out_of_tolerance_grace);
    w.after(30 * day);
    EXPECT_EQ(w.status(), ProductStatus::notification);
    EXPECT_TRUE(has<effect::PrepareRenewal>(w.effects)) << "it is still tried";
    w << event::RenewalDecided{"{}", "r1"} << renewal(lease(w.now(), 2));
    EXPECT_EQ(w.status(), ProductStatus::licensed);
}

TEST(Lease, a_perpetual_license_never_lapses_for_being_offline) {
    auto w = installed();
    w.activate(perpetual(w.now()));
    for (int year = 0; year < 10; ++year) w.after(365 * day);
    EXPECT_EQ(w.status(), ProductStatus::licensed);
}

TEST(Deactivated, ends_the_license_and_only_an_admin_starts_another) {
    auto w = licensed();
    w << event::Deactivated{};
    EXPECT_EQ(w.status(), ProductStatus::unlicensed);
    EXPECT_FALSE(w.state.license);
    EXPECT_TRUE(w.state.product_key.empty());
    EXPECT_TRUE(w.state.deactivated);
    EXPECT_TRUE(w.state.matching_baseline) << "it explains a later activation";
    w << event::ManifestSeen{};
    EXPECT_EQ(w.status(), ProductStatus::unlicensed);
    w << event::Deactivated{};
    EXPECT_EQ(w.refused->code, Code::not_activated);
}

TEST(Deactivated, is_a_way_out_of_an_activation_that_nobody_answers_and_says_the_price) {
    auto w = installed();
    w << activation() << event::Deactivated{};
    EXPECT_FALSE(w.refused);
    EXPECT_FALSE(w.state.intent);
    EXPECT_TRUE(w.state.deactivated) << "the configuration does not start it again";
    EXPECT_EQ(w.status(), ProductStatus::initial_grace) << "the grace is not lost by it";
    const auto& told = std::get<effect::Report>(w.effects.front());
    EXPECT_NE(told.detail.find("may have counted"), std::string::npos);
}

TEST(Deactivated, of_an_activation_that_was_never_sent_costs_nothing) {
    auto w = installed();
    w << activation() << never_sent() << event::Deactivated{};
    EXPECT_FALSE(w.state.intent);
    const auto& told = std::get<effect::Report>(w.effects.front());
    EXPECT_EQ(told.detail.find("counted"), std::string::npos);
}

}  // namespace
}  // namespace latchkey::core
