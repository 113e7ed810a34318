#include "keyserver/rules.h"

#include <gtest/gtest.h>

namespace latchkey::keyserver {
namespace {

using licensing::Continuity;
using licensing::CountingRule;

constexpr ServerTime kNow{Duration{1'790'000'000'000}};

enum class Change { none, insignificant, significant };

hwid::MatchResult same(Change change, std::int32_t score = 500) {
    hwid::MatchResult match;
    match.verdict = hwid::Verdict::same;
    match.significant = change == Change::significant;
    match.changed_any = change != Change::none;
    match.score = score;
    match.anchors.fill(hwid::AnchorState::agrees);
    return match;
}

hwid::MatchResult different() {
    hwid::MatchResult match;
    match.verdict = hwid::Verdict::different;
    match.significant = true;
    match.changed_any = true;
    match.score = -100;
    match.anchors.fill(hwid::AnchorState::contradicts);
    return match;
}

hwid::MatchResult insufficient() {
    hwid::MatchResult match = different();
    match.verdict = hwid::Verdict::insufficient;
    match.anchors.fill(hwid::AnchorState::unknown);
    return match;
}

/// One request to the key "key_1" of three activations, one of them used; everything may be bent.
struct Situation {
    Product product{.id = "editor",
                    .name = "Editor",
                    .version = {},
                    .released = {},
                    .needs_activation = true,
                    .excluded_platforms = {},
                    .qualifying_os = {},
                    .key_group = 1,
                    .token_group = 2,
                    .manifest_version = 0,
                    .created_at = {}};
    licensing::Program program{.id = "own", .title = "Own"};
    Entitlement entitlement{.id = "ent_1",
                            .product = "editor",
                            .program = "own",
                            .organization = "acme",
                            .quantity = 100,
                            .activations = 3,
                            .activate_by = {},
                            .country = {},
                            .created_at = {}};
    KeyRecord key{.id = "key_1",
                  .entitlement = "ent_1",
                  .digest = {},
                  .last5 = "ABCDE",
                  .limit = 3,
                  .used = 1,
                  .blocked = false,
                  .created_at = {}};
    std::vector<Location> locations;
    licensing::ActivationRequest request;
    std::vector<Candidate> candidates;
    Policy policy;
    ServerTime now = kNow;

    Situation() {
        request.product = "editor";
        request.platform = "linux";
        request.max_count = 1;
    }

    Situation& rule(CountingRule rule) {
        program.rule = rule;
        return *this;
    }
    /// A record of this machine, alike as `matching` says; the counting baseline sees the same.
    Candidate& record(hwid::MatchResult matching) {
        candidates.push_back({.machine = "mch_" + std::to_string(candidates.size() + 1),
                              .state = MachineState::active,
                              .created_at = kNow - Days{10},
                              .matching = matching,
                              .counting = matching,
                              .holder = false,
                              .zero_counts = 0});
        return candidates.back();
    }
    Decision decided() const {
        return decide({product, program, entitlement, key, locations, request, candidates, now},
                      policy);
    }
    std::optional<Code> refusal() const {
        const auto decision = decided();
        if (!decision.refusal) return std::nullopt;
        return decision.refusal->code;
    }
};

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

TEST(Keys, K4_the_last_activation_can_be_spent) {
    Situation s;
    s.key.used = 2;
    EXPECT_EQ(s.refusal(), std::nullopt);
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

// --- who may use it

TEST(Eligibility, E1_a_country_program_is_shared_inside_its_country_only) {
    Situation s;
    s.program.sharing = licensing::Sharing::country;
    s.entitlement.country = "DE";
    EXPECT_EQ(s.refusal(), Code::location_unknown);
    s.request.country = "FR";
    EXPECT_EQ(s.refusal(), Code::territory);
    s.request.country = "DE";
    EXPECT_EQ(s.refusal(), std::nullopt);
}

TEST(Eligibility, E1_an_entitlement_without_a_country_asks_for_none) {
    Situation s;
    s.program.sharing = licensing::Sharing::country;
    EXPECT_EQ(s.refusal(), std::nullopt);
}

TEST(Eligibility, E2_a_worldwide_program_is_shared_across_countries) {
    Situation s;
    s.entitlement.country = "DE";
    s.request.country = "FR";
    EXPECT_EQ(s.refusal(), std::nullopt);
}

TEST(Eligibility, E3_another_organization_is_refused) {
    Situation s;
    s.request.organization = "other";
    EXPECT_EQ(s.refusal(), Code::organization_mismatch);
    s.request.organization = "acme";
    EXPECT_EQ(s.refusal(), std::nullopt);
}

TEST(Eligibility, E3_where_locations_are_registered_others_are_refused) {
    Situation s;
    s.request.location = "berlin";
    EXPECT_EQ(s.refusal(), std::nullopt) << "nothing is registered";
    s.locations.push_back({"paris", "acme", "Paris", "FR", {}});
    EXPECT_EQ(s.refusal(), Code::organization_mismatch);
    s.request.location = "paris";
    EXPECT_EQ(s.refusal(), std::nullopt);
}

TEST(Eligibility, E1_a_registered_location_is_worth_more_than_the_claim) {
    Situation s;
    s.program.sharing = licensing::Sharing::country;
    s.entitlement.country = "DE";
    s.locations.push_back({"paris", "acme", "Paris", "FR", {}});
    s.request.location = "paris";
    s.request.country = "DE";
    EXPECT_EQ(s.refusal(), Code::territory);
}

TEST(Eligibility, E4_an_upgrade_license_needs_a_qualifying_edition) {
    Situation s;
    s.product.qualifying_os = {"pro"};
    EXPECT_EQ(s.refusal(), Code::os_not_qualified);
    s.request.os_edition = "home";
    EXPECT_EQ(s.refusal(), Code::os_not_qualified);
    s.request.os_edition = "pro";
    EXPECT_EQ(s.refusal(), std::nullopt);
}

ServerTime on(const char* date) {
    return parse_server_time(std::string(date) + "T00:00:00Z").value();
}

TEST(Eligibility, E5_the_version_before_the_latest_may_be_activated_for_twelve_months) {
    Situation s;
    s.product.version = "3";
    s.product.previous_version = "2";
    s.product.released = on("2028-02-29");
    const auto of_version = [&](const char* version, const char* date) {
        s.request.product_version = version;
        s.now = on(date);
        return s.refusal();
    };
    EXPECT_EQ(of_version("3", "2040-01-01"), std::nullopt);
    EXPECT_EQ(of_version("2", "2029-02-27"), std::nullopt);
    EXPECT_EQ(of_version("2", "2029-02-28"), Code::version_window) << "no 29th in that year";
    EXPECT_EQ(s.decided().refusal->detail,
              "version 2 is installed, the latest is 3; activating the version before it ended on "
              "2029-02-28");
    EXPECT_EQ(of_version("1", "2028-03-01"), Code::version_window) << "no downgrade rights";
    EXPECT_EQ(of_version("", "2040-01-01"), std::nullopt) << "the agent knows of no version";
}

TEST(Eligibility, E5_training_licenses_are_bound_to_no_version) {
    Situation s;
    s.product.version = "3";
    s.request.product_version = "1";
    s.entitlement.purpose = Purpose::training;
    EXPECT_EQ(s.refusal(), std::nullopt);
    s.entitlement.purpose = Purpose::demonstration;
    EXPECT_EQ(s.refusal(), Code::version_window);
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

}  // namespace
}  // namespace latchkey::keyserver
