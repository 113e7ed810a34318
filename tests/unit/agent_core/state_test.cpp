#include "agent/core/state.h"

#include <gtest/gtest.h>

#include <set>

#include "agent/core/event.h"
#include "agent/core/moment.h"

namespace latchkey::core {
namespace {

TEST(ProductStatusNames, every_status_has_a_name_of_its_own_and_finds_back) {
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < kStatusCount; ++i) {
        const auto status = static_cast<ProductStatus>(i);
        names.insert(name(status));
        EXPECT_EQ(status_from_name(name(status)), status);
    }
    EXPECT_EQ(names.size(), kStatusCount);
    EXPECT_FALSE(status_from_name("genuine"));
}

TEST(ProductStatusNames, codes_are_those_of_sl_licensing_status) {
    EXPECT_EQ(status_code(ProductStatus::unlicensed), 0);
    EXPECT_EQ(status_code(ProductStatus::licensed), 1);
    EXPECT_EQ(status_code(ProductStatus::notification), 5);
    EXPECT_EQ(status_code(ProductStatus::extended_grace), 6);
    EXPECT_EQ(status_code(ProductStatus::not_required), std::nullopt);
}

TEST(ProductStatusNames, grace_runs_in_four_of_them) {
    int graces = 0;
    for (std::size_t i = 0; i < kStatusCount; ++i)
        graces += in_grace(static_cast<ProductStatus>(i)) ? 1 : 0;
    EXPECT_EQ(graces, 4);
    EXPECT_TRUE(in_grace(ProductStatus::extended_grace));
}

TEST(IntentNames, every_kind_finds_back) {
    for (const auto kind : {IntentKind::activate, IntentKind::renew, IntentKind::release})
        EXPECT_EQ(intent_kind_from_name(name(kind)), kind);
    EXPECT_FALSE(intent_kind_from_name("spend"));
}

TEST(ClockNames, are_those_of_the_status_document) {
    EXPECT_EQ(name(ClockHealth::ok), "ok");
    EXPECT_EQ(name(ClockHealth::behind), "behind");
    EXPECT_EQ(name(ClockHealth::ahead), "ahead");
    EXPECT_EQ(name(ClockHealth::unproven), "unproven");
}

TEST(InstalledKey, is_the_held_one_while_a_hold_waits) {
    ProductState state;
    state.product_key = "installed";
    state.held_key = "held";
    EXPECT_EQ(installed_key(state), "installed");
    state.held = true;
    EXPECT_EQ(installed_key(state), "held");
}

TEST(LicenseInForce, ends_at_its_end_and_with_each_doubt) {
    ProductState state;
    const ServerTime end{Days{100}};
    EXPECT_FALSE(license_in_force(state, ServerTime{}));
    state.license.emplace();
    EXPECT_TRUE(license_in_force(state, end)) << "a perpetual license never runs out";
    state.license->expires_at = end;
    EXPECT_TRUE(license_in_force(state, end - Duration{1}));
    EXPECT_FALSE(license_in_force(state, end));
    for (bool ProductState::*doubt :
         {&ProductState::revoked, &ProductState::drifted, &ProductState::suspected_clone}) {
        state.*doubt = true;
        EXPECT_FALSE(license_in_force(state, ServerTime{}));
        state.*doubt = false;
    }
}

}  // namespace
}  // namespace latchkey::core
