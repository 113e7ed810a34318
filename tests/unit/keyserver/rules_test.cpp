#include "keyserver/rules/rules.h"

#include "tests/unit/keyserver/situation.h"

namespace latchkey::keyserver {
namespace {

// --- does it count?

TEST(Counting, C1_a_machine_the_key_has_never_seen_counts_under_every_program) {
    for (const auto rule : {CountingRule::significant_change, CountingRule::any_change,
                            CountingRule::every_activation}) {
        Situation s;
        s.rule(rule);
        const auto decision = s.decided();
        EXPECT_FALSE(decision.refusal);
        EXPECT_FALSE(decision.candidate);
        EXPECT_EQ(decision.counted, 1);
        EXPECT_EQ(decision.continuity, Continuity::none);
        EXPECT_FALSE(decision.reasons.empty());
    }
}

TEST(Counting, C1_a_different_machine_counts_and_gets_a_record_of_its_own) {
    Situation s;
    s.record(different());
    EXPECT_FALSE(s.decided().candidate);
    EXPECT_EQ(s.decided().counted, 1);
    EXPECT_EQ(s.decided().verdict, hwid::Verdict::different);
}

struct CountingRow {
    const char* id;
    CountingRule rule;
    Change change;
    int counted;
};

class CountingTable : public ::testing::TestWithParam<CountingRow> {};

TEST_P(CountingTable, the_same_machine_counts_as_its_program_says) {
    Situation s;
    s.rule(GetParam().rule).record(same(GetParam().change));
    const auto decision = s.decided();
    EXPECT_FALSE(decision.refusal);
    EXPECT_EQ(decision.candidate, 0u);
    EXPECT_EQ(decision.counted, GetParam().counted);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, CountingTable,
    ::testing::Values(
        CountingRow{"C2_no_change", CountingRule::significant_change, Change::none, 0},
        CountingRow{"C2_insignificant_change", CountingRule::significant_change,
                    Change::insignificant, 0},
        CountingRow{"C3_significant_change", CountingRule::significant_change, Change::significant,
                    1},
        CountingRow{"C4_any_change_rule_without_change", CountingRule::any_change, Change::none, 0},
        CountingRow{"C5_any_change_rule_with_a_change", CountingRule::any_change,
                    Change::insignificant, 1},
        CountingRow{"C5_any_change_rule_with_a_significant_change", CountingRule::any_change,
                    Change::significant, 1},
        CountingRow{"C6_reimage_without_change", CountingRule::every_activation, Change::none, 1},
        CountingRow{"C6_reimage_with_change", CountingRule::every_activation, Change::significant,
                    1}),
    [](const auto& row) { return std::string(row.param.id); });

TEST(Counting, C5_any_change_is_judged_against_the_last_counted_activation) {
    Situation s;
    s.rule(CountingRule::any_change).record(same(Change::none)).counting =
        same(Change::insignificant);
    EXPECT_EQ(s.decided().counted, 1)
        << "the matching baseline has rolled past the change, the counting one has not";
}

TEST(Counting, C2_significance_is_judged_against_the_rolling_baseline) {
    Situation s;
    s.record(same(Change::insignificant)).counting = different();
    EXPECT_EQ(s.decided().counted, 0) << "upgrades add up over the years without a count";
}

TEST(Counting, C7_a_used_up_key_is_refused_with_its_numbers_and_only_if_it_would_count) {
    Situation s;
    s.key.used = 3;
    const auto decision = s.decided();
    ASSERT_TRUE(decision.refusal);
    EXPECT_EQ(decision.refusal->code, Code::activation_limit_reached);
    EXPECT_EQ(decision.refusal->detail, "3 of 3 activations are used");
    s.record(same(Change::none));
    EXPECT_EQ(s.refusal(), std::nullopt) << "the same machine uses none";
}

TEST(Counting, C8_the_license_quantity_does_not_limit_activation) {
    Situation s;
    s.entitlement.quantity = 0;
    EXPECT_EQ(s.refusal(), std::nullopt);
}

TEST(Counting, a_request_that_allows_no_count_spends_nothing) {
    Situation s;
    s.request.max_count = 0;
    EXPECT_EQ(s.refusal(), Code::would_count);
    EXPECT_EQ(s.decided().counted, 1) << "and is told what it would use";
    s.record(same(Change::none));
    EXPECT_EQ(s.refusal(), std::nullopt);
}

TEST(Counting, a_released_record_counts_when_it_comes_back) {
    Situation s;
    s.record(same(Change::none)).state = MachineState::released;
    EXPECT_EQ(s.decided().candidate, 0u);
    EXPECT_EQ(s.decided().counted, 1);
}

// --- which record is it?

TEST(Candidates, the_highest_score_wins_and_then_the_newest) {
    Situation s;
    s.record(same(Change::none, 300)).created_at = kNow;
    s.record(same(Change::none, 400)).created_at = kNow - Days{5};
    s.record(same(Change::none, 400)).created_at = kNow - Days{1};
    s.record(different());
    EXPECT_EQ(s.decided().candidate, 2u);
}

TEST(Candidates, the_device_key_carries_a_machine_with_little_evidence) {
    Situation s;
    s.record(insufficient()).holder = true;
    s.candidates[0].counting.changed_any = false;
    const auto decision = s.decided();
    EXPECT_EQ(decision.candidate, 0u);
    EXPECT_EQ(decision.counted, 0);
    EXPECT_EQ(decision.continuity, Continuity::device_key);
}

TEST(Candidates, too_little_evidence_without_the_device_key_counts) {
    Situation s;
    s.record(insufficient());
    EXPECT_FALSE(s.decided().candidate);
    EXPECT_EQ(s.decided().counted, 1);
    EXPECT_EQ(s.decided().verdict, hwid::Verdict::insufficient);
}

TEST(Candidates, the_device_key_never_outvotes_hardware_that_contradicts) {
    Situation s;
    s.record(different()).holder = true;
    auto contradicted = insufficient();
    contradicted.anchors[0] = hwid::AnchorState::contradicts;
    s.record(contradicted).holder = true;
    EXPECT_FALSE(s.decided().candidate);
    EXPECT_EQ(s.decided().counted, 1);
}

// --- the zero-count cap

TEST(ZeroCounts, the_fourth_in_the_window_without_proof_needs_an_administrator) {
    Situation s;
    Candidate& record = s.record(same(Change::none));
    record.zero_counts = 2;
    EXPECT_EQ(s.refusal(), std::nullopt);
    record.zero_counts = 3;
    EXPECT_EQ(s.refusal(), Code::needs_admin);
}

TEST(ZeroCounts, the_device_key_is_proof_enough) {
    Situation s;
    Candidate& record = s.record(same(Change::none));
    record.zero_counts = 100;
    record.holder = true;
    EXPECT_EQ(s.refusal(), std::nullopt);
}

TEST(ZeroCounts, paying_is_always_possible) {
    Situation s;
    s.rule(CountingRule::every_activation).record(same(Change::none)).zero_counts = 100;
    EXPECT_EQ(s.refusal(), std::nullopt);
}

// --- keys and products

TEST(Keys, K4_the_last_activation_can_be_spent_and_no_further_one) {
    Situation s;
    s.key.used = 2;
    EXPECT_EQ(s.refusal(), std::nullopt);
    s.key.used = 3;
    EXPECT_EQ(s.refusal(), Code::activation_limit_reached);
}

TEST(Keys, K5_after_the_activate_by_date_nothing_that_counts_is_given) {
    Situation s;
    s.entitlement.activate_by = kNow + Duration{1};
    EXPECT_EQ(s.refusal(), std::nullopt);
    s.entitlement.activate_by = kNow;
    EXPECT_EQ(s.refusal(), Code::activate_by_passed);
    s.record(same(Change::none));
    EXPECT_EQ(s.refusal(), std::nullopt) << "this machine was activated in time";
}

TEST(Keys, K6_an_excluded_platform_is_refused) {
    Situation s;
    s.product.excluded_platforms = {"mac"};
    EXPECT_EQ(s.refusal(), std::nullopt);
    s.request.platform = "mac";
    EXPECT_EQ(s.refusal(), Code::platform_excluded);
}

TEST(Keys, K7_a_product_that_needs_no_activation_says_so) {
    Situation s;
    s.product.needs_activation = false;
    EXPECT_EQ(s.refusal(), Code::activation_not_required);
}

TEST(Keys, a_blocked_key_is_refused_also_where_nothing_would_count) {
    Situation s;
    s.key.blocked = true;
    s.record(same(Change::none)).holder = true;
    EXPECT_EQ(s.refusal(), Code::key_blocked);
}

// --- renewals

struct Renewal {
    KeyRecord key;
    MachineRecord machine;
    LicenseRecord license;
    bool product_matches = true;

    std::optional<Code> refusal(const hwid::MatchResult& match) const {
        const auto refused = refuse_renewal({key, machine, license, match, product_matches});
        if (!refused) return std::nullopt;
        return refused->code;
    }
};

TEST(Renewals, the_same_machine_goes_on_whatever_small_things_changed) {
    EXPECT_EQ(Renewal{}.refusal(same(Change::none)), std::nullopt);
    EXPECT_EQ(Renewal{}.refusal(same(Change::insignificant)), std::nullopt);
    EXPECT_EQ(Renewal{}.refusal(insufficient()), std::nullopt) << "the device key proves it";
}

TEST(Renewals, C3_what_must_be_counted_is_not_renewed) {
    EXPECT_EQ(Renewal{}.refusal(same(Change::significant)), Code::would_count);
    EXPECT_EQ(Renewal{}.refusal(different()), Code::would_count);
}

TEST(Renewals, a_blocked_key_an_ended_license_and_a_foreign_product_end_it) {
    Renewal blocked;
    blocked.key.blocked = true;
    EXPECT_EQ(blocked.refusal(same(Change::none)), Code::key_blocked);
    Renewal ended;
    ended.license.ended = true;
    EXPECT_EQ(ended.refusal(same(Change::none)), Code::license_revoked);
    Renewal released;
    released.machine.state = MachineState::released;
    EXPECT_EQ(released.refusal(same(Change::none)), Code::license_revoked);
    Renewal foreign;
    foreign.product_matches = false;
    EXPECT_EQ(foreign.refusal(same(Change::none)), Code::key_wrong_product);
}

TEST(Returns, only_leases_of_a_returnable_program_come_back_and_twice_a_year_at_most) {
    licensing::Program program;
    LicenseRecord license;
    license.expires_at = kNow;
    const Policy policy;
    EXPECT_FALSE(gives_back(program, license, 0, policy));
    program.returnable = true;
    EXPECT_TRUE(gives_back(program, license, 1, policy));
    EXPECT_FALSE(gives_back(program, license, 2, policy));
    license.expires_at.reset();
    EXPECT_FALSE(gives_back(program, license, 0, policy)) << "perpetual";
}

// --- a TPM's proof

Situation reimaged(std::int64_t zero_counts) {
    Situation s;
    s.record(same(Change::none)).zero_counts = zero_counts;
    return s;
}

TEST(TpmProof, needs_no_allowance_for_machines_that_rest_on_digests) {
    auto s = reimaged(3);
    EXPECT_EQ(s.refusal(), Code::needs_admin);
    s.tpm.proven = true;
    const auto decision = s.decided();
    EXPECT_FALSE(decision.refusal);
    EXPECT_EQ(decision.counted, 0);
    EXPECT_EQ(decision.continuity, Continuity::tpm);
    EXPECT_EQ(decision.reasons.at(1), "The TPM of the earlier activation proves the machine.");
}

TEST(TpmProof, is_of_the_records_own_tpm_or_of_none) {
    for (const auto anchor :
         {hwid::AnchorState::unknown, hwid::AnchorState::partly, hwid::AnchorState::contradicts}) {
        auto s = reimaged(3);
        s.tpm.proven = true;
        s.candidates.front().matching.anchors[static_cast<std::size_t>(hwid::Anchor::tpm)] = anchor;
        EXPECT_EQ(s.refusal(), Code::needs_admin);
        EXPECT_EQ(s.decided().continuity, Continuity::digests);
    }
}

TEST(TpmProof, stands_back_behind_the_device_key) {
    auto s = reimaged(0);
    s.candidates.front().holder = true;
    s.tpm.proven = true;
    EXPECT_EQ(s.decided().continuity, Continuity::device_key);
}

TEST(TpmProof, changes_neither_the_verdict_nor_the_count) {
    for (const bool proven : {false, true}) {
        Situation s;
        s.tpm.proven = proven;
        s.record(same(Change::significant));
        EXPECT_EQ(s.decided().counted, 1);
        s.candidates.clear();
        s.record(different());
        EXPECT_EQ(s.decided().counted, 1);
        EXPECT_FALSE(s.decided().candidate);
        EXPECT_EQ(s.decided().continuity, Continuity::none);
    }
}

TEST(TpmProof, that_does_not_hold_is_told_and_refuses_nothing) {
    auto s = reimaged(0);
    s.tpm.remark = "The TPM gave no proof: it is asleep.";
    const auto decision = s.decided();
    EXPECT_FALSE(decision.refusal);
    EXPECT_EQ(decision.continuity, Continuity::digests);
    EXPECT_EQ(decision.reasons.back(), s.tpm.remark);
}

}  // namespace
}  // namespace latchkey::keyserver
