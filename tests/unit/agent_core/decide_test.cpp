#include "agent/core/decide.h"

#include <gtest/gtest.h>

namespace latchkey::core {
namespace {

struct Case {
    ProductState state;
    licensing::Manifest manifest;
    MachineFacts facts{hwid::EvidenceStrength::strong, false, "linux", "Professional"};
    ActivationWish wish;
    std::optional<hwid::MatchResult> baseline;
    Policy policy;

    ActivationPlan plan() const {
        return plan_activation(state, manifest, facts, wish, baseline, policy);
    }
    std::optional<Code> refusal() const {
        const auto planned = plan();
        if (!planned.refusal) return std::nullopt;
        EXPECT_EQ(planned.max_count, 0) << "a refused activation may spend nothing";
        return planned.refusal->code;
    }
};

Case by_hand() {
    Case c;
    c.wish.by_hand = true;
    return c;
}
Case unattended() { return {}; }

hwid::MatchResult verdict(hwid::Verdict verdict) {
    hwid::MatchResult result;
    result.verdict = verdict;
    return result;
}

TEST(PlanActivation, K7_a_product_that_needs_no_activation_is_never_activated) {
    auto c = by_hand();
    c.manifest.needs_activation = false;
    EXPECT_EQ(c.refusal(), Code::activation_not_required);
}

TEST(PlanActivation, C9_a_lab_machine_spends_nothing_whatever_is_accepted) {
    auto c = by_hand();
    c.policy.role = Role::lab;
    c.wish.accept_count = true;
    EXPECT_EQ(c.refusal(), Code::lab_mode);
}

TEST(PlanActivation, K6_an_excluded_platform_is_refused_before_anything_is_sent) {
    auto c = by_hand();
    c.manifest.excluded_platforms = {"mac"};
    EXPECT_EQ(c.refusal(), std::nullopt);
    c.facts.platform = "mac";
    EXPECT_EQ(c.refusal(), Code::platform_excluded);
}

TEST(PlanActivation, E4_home_editions_do_not_qualify_for_an_upgrade_license) {
    auto c = by_hand();
    c.facts.os_edition = "Home";
    EXPECT_EQ(c.refusal(), std::nullopt) << "no list: every edition qualifies";
    c.manifest.qualifying_os = {"Professional", "Enterprise"};
    EXPECT_EQ(c.refusal(), Code::os_not_qualified);
    c.facts.os_edition.clear();
    EXPECT_EQ(c.refusal(), Code::os_not_qualified);
    c.facts.os_edition = "Enterprise";
    EXPECT_EQ(c.refusal(), std::nullopt);
}

TEST(PlanActivation, an_ephemeral_machine_is_activated_by_hand_or_where_allowed) {
    auto c = unattended();
    c.wish.accept_count = true;
    c.facts.ephemeral = true;
    EXPECT_EQ(c.refusal(), Code::ephemeral_machine);
    c.policy.allow_ephemeral = true;
    EXPECT_EQ(c.refusal(), std::nullopt);
    c.policy.allow_ephemeral = false;
    c.wish.by_hand = true;
    EXPECT_EQ(c.refusal(), std::nullopt);
}

TEST(PlanActivation, weak_evidence_needs_an_admins_accepted_count) {
    auto c = by_hand();
    c.facts.strength = hwid::EvidenceStrength::weak;
    EXPECT_EQ(c.refusal(), Code::evidence_insufficient);
    c.wish.accept_count = true;
    EXPECT_EQ(c.refusal(), std::nullopt);
    EXPECT_EQ(c.plan().max_count, 1);
    c.wish.by_hand = false;
    EXPECT_EQ(c.refusal(), Code::evidence_insufficient)
        << "the configuration cannot speak for unreadable hardware";
    c.facts.strength = hwid::EvidenceStrength::fair;
    EXPECT_EQ(c.refusal(), std::nullopt);
}

TEST(PlanActivation, what_an_admin_ended_the_configuration_does_not_start_again) {
    auto c = unattended();
    c.wish.accept_count = true;
    c.state.deactivated = true;
    EXPECT_EQ(c.refusal(), Code::confirmation_required);
    c.wish.by_hand = true;
    EXPECT_EQ(c.refusal(), std::nullopt);
}

TEST(PlanActivation, by_hand_a_first_activation_may_spend_one) {
    EXPECT_EQ(by_hand().plan().max_count, 1);
}

TEST(PlanActivation, by_hand_a_held_case_spends_nothing_until_the_count_is_accepted) {
    auto c = by_hand();
    c.state.held = true;
    EXPECT_EQ(c.plan().max_count, 0);
    c.wish.accept_count = true;
    EXPECT_EQ(c.plan().max_count, 1);
}

TEST(PlanActivation, by_hand_an_undecided_baseline_spends_nothing_until_the_count_is_accepted) {
    auto c = by_hand();
    c.baseline = verdict(hwid::Verdict::insufficient);
    EXPECT_EQ(c.plan().max_count, 0);
    c.wish.accept_count = true;
    EXPECT_EQ(c.plan().max_count, 1);
    c.wish.accept_count = false;
    c.baseline = verdict(hwid::Verdict::different);
    EXPECT_EQ(c.plan().max_count, 1);
}

TEST(PlanActivation, a_machine_that_may_be_known_is_not_surely_new) {
    licensing::PreviewReply preview;
    preview.new_machine = true;
    preview.verdict = hwid::Verdict::different;
    EXPECT_TRUE(is_surely_new(preview));
    preview.verdict = hwid::Verdict::insufficient;
    EXPECT_FALSE(is_surely_new(preview));
    preview.verdict = hwid::Verdict::same;
    preview.new_machine = false;
    EXPECT_FALSE(is_surely_new(preview));
}

TEST(PlanActivation, unattended_hold_spends_only_on_a_machine_that_is_known_to_be_new) {
    auto c = unattended();
    EXPECT_EQ(c.plan().max_count, 0) << "after a reimage the machine cannot know";
    c.wish.preview_new_machine = false;
    EXPECT_EQ(c.plan().max_count, 0);
    c.wish.preview_new_machine = true;
    EXPECT_EQ(c.plan().max_count, 1);
    c.state.counting_baseline.emplace();
    EXPECT_EQ(c.plan().max_count, 0) << "it held a license once";
    c.wish.accept_count = true;
    EXPECT_EQ(c.plan().max_count, 1) << "proceed";
}

TEST(RecommendsLab, C9_a_workstation_that_is_counted_for_the_third_time_in_ninety_days) {
    const ServerTime now{Days{1000}};
    ProductState state;
    EXPECT_FALSE(recommends_lab(state, now, {}));
    state.last_decision.emplace();
    state.last_decision->rule = licensing::CountingRule::every_activation;
    state.last_decision->at = now - Days{80};
    EXPECT_FALSE(recommends_lab(state, now, {})) << "an older key server does not say";
    state.last_decision->recent_reimages = 2;
    EXPECT_FALSE(recommends_lab(state, now, {}));
    state.last_decision->recent_reimages = 3;
    EXPECT_TRUE(recommends_lab(state, now, {}));
    EXPECT_FALSE(recommends_lab(state, now + Days{11}, {})) << "it is not true for ever";
    Policy lab;
    lab.role = Role::lab;
    EXPECT_FALSE(recommends_lab(state, now, lab)) << "it is one already";
    state.last_decision->rule = licensing::CountingRule::any_change;
    EXPECT_FALSE(recommends_lab(state, now, {})) << "a reimage costs nothing there";
}

TEST(EffectivePolicy, the_manifest_decides_whether_there_is_a_ledger) {
    licensing::ManifestPolicy manifest;
    EXPECT_TRUE(effective_policy({}, manifest).rearm_ledger);
    manifest.rearm_ledger = false;
    EXPECT_FALSE(effective_policy({}, manifest).rearm_ledger);
}

TEST(EffectivePolicy, takes_the_manifests_numbers_and_lets_the_machine_only_tighten) {
    licensing::ManifestPolicy manifest;
    manifest.initial_grace_days = 60;
    manifest.out_of_tolerance_days = 10;
    manifest.non_genuine_days = 14;
    manifest.rearms = 5;
    Policy local;
    local.role = Role::lab;
    auto policy = effective_policy(local, manifest);
    EXPECT_EQ(policy.initial_grace, Days{60});
    EXPECT_EQ(policy.out_of_tolerance_grace, Days{10});
    EXPECT_EQ(policy.non_genuine_notice, Days{14});
    EXPECT_EQ(policy.rearms, 5);
    EXPECT_EQ(policy.role, Role::lab);

    local.initial_grace = Days{7};
    local.out_of_tolerance_grace = Days{90};
    local.rearms = 1;
    policy = effective_policy(local, manifest);
    EXPECT_EQ(policy.initial_grace, Days{7});
    EXPECT_EQ(policy.out_of_tolerance_grace, Days{10}) << "never widened";
    EXPECT_EQ(policy.rearms, 1);
}

}  // namespace
}  // namespace latchkey::core
