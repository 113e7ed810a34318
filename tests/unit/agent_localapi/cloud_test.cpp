#include "agent/localapi/cloud.h"

#include <gtest/gtest.h>

namespace latchkey::localapi {
namespace {

constexpr ServerTime kNow{Duration{1'790'000'000'000}};
const core::Policy kPolicy;

licensing::CloudEntitlement ending_in(Duration left, std::string service = "Cloud",
                                      std::string publisher = "contoso") {
    licensing::CloudEntitlement one;
    one.service = std::move(service);
    one.publisher = std::move(publisher);
    one.program = "action-pack";
    one.redeemed_at = kNow - Days{300};
    one.ends_at = kNow + left;
    return one;
}

CloudState state(const licensing::CloudEntitlement& one,
                 std::vector<licensing::CloudEntitlement> others = {}) {
    others.push_back(one);
    return state_of(one, others, kNow, kPolicy);
}

Severity severity(const licensing::CloudEntitlement& one,
                  std::vector<licensing::CloudEntitlement> others = {}) {
    others.push_back(one);
    return cloud_severity(one, others, kNow, kPolicy);
}

TEST(CloudStatus, K3_warns_twenty_days_ahead_and_says_when_the_year_is_over) {
    EXPECT_EQ(state(ending_in(Days{20} + seconds{1})), CloudState::active);
    EXPECT_EQ(state(ending_in(Days{20})), CloudState::ending);
    EXPECT_EQ(state(ending_in(Duration{1})), CloudState::ending);
    EXPECT_EQ(state(ending_in(Duration{0})), CloudState::ended);
    EXPECT_EQ(severity(ending_in(Days{21})), Severity::info);
    EXPECT_EQ(severity(ending_in(Days{20})), Severity::warning);
    EXPECT_EQ(severity(ending_in(Duration{0})), Severity::warning);
    EXPECT_EQ(severity(ending_in(-Days{30} + seconds{1})), Severity::warning);
    EXPECT_EQ(severity(ending_in(-Days{30})), Severity::info) << "said long enough";
    EXPECT_EQ(state(ending_in(-Days{30})), CloudState::ended);
}

TEST(CloudStatus, K3_a_renewed_years_token_ends_the_warning) {
    const auto old = ending_in(-Days{1});
    EXPECT_EQ(state(old, {ending_in(Days{300})}), CloudState::renewed);
    EXPECT_EQ(severity(old, {ending_in(Days{300})}), Severity::info);
    EXPECT_EQ(state(ending_in(Days{5}), {ending_in(Days{300})}), CloudState::renewed);
    EXPECT_EQ(state(old, {ending_in(Days{300}, "Another")}), CloudState::ended);
    EXPECT_EQ(state(old, {ending_in(Days{300}, "Cloud", "fabrikam")}), CloudState::ended);
    EXPECT_EQ(state(old, {ending_in(-Days{1})}), CloudState::ended) << "more seats of one year";
}

TEST(CloudStatus, is_part_of_the_overall_word_and_of_the_document) {
    StatusView view;
    view.now = kNow;
    view.cloud = {ending_in(Days{100})};
    EXPECT_EQ(overall(view), Severity::info);
    view.cloud.push_back(ending_in(Days{3}, "Another"));
    EXPECT_EQ(overall(view), Severity::warning);
    const auto document = to_json(view);
    const auto& list = document.at("cloud_entitlements").as_array();
    ASSERT_EQ(list.size(), 2u);
    EXPECT_EQ(list[0].at("severity").as_string(), "ok");
    EXPECT_EQ(list[0].at("program").as_string(), "action-pack");
    EXPECT_EQ(list[1].at("service").as_string(), "Another");
    EXPECT_EQ(list[1].at("state").as_string(), "ending");
    EXPECT_EQ(list[1].at("severity").as_string(), "warning");
    EXPECT_EQ(list[1].at("ends_at").as_string(), format_rfc3339(kNow + Days{3}));
}

}  // namespace
}  // namespace latchkey::localapi
