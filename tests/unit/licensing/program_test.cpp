#include "licensing/program.h"

#include <gtest/gtest.h>

namespace latchkey::licensing {
namespace {

TEST(Program, counting_rules_have_stable_names) {
    EXPECT_EQ(name(CountingRule::significant_change), "significant-change");
    EXPECT_EQ(name(CountingRule::any_change), "any-change");
    EXPECT_EQ(name(CountingRule::every_activation), "every-activation");
    for (const auto rule : {CountingRule::significant_change, CountingRule::any_change,
                            CountingRule::every_activation})
        EXPECT_EQ(counting_rule_from_name(name(rule)), rule);
    EXPECT_EQ(counting_rule_from_name("Any-Change"), std::nullopt);
    EXPECT_EQ(counting_rule_from_name(""), std::nullopt);
}

TEST(Program, each_preset_has_the_rule_of_its_program) {
    ASSERT_EQ(program_presets().size(), 3u);
    EXPECT_EQ(find_preset("action-pack")->rule, CountingRule::any_change);
    EXPECT_EQ(find_preset("competency")->rule, CountingRule::every_activation);
    EXPECT_EQ(find_preset("ai-cloud")->rule, CountingRule::significant_change);
    EXPECT_EQ(find_preset("no-such-program"), nullptr);
}

TEST(Program, E1_action_pack_licenses_are_shared_inside_one_country_only) {
    EXPECT_EQ(find_preset("action-pack")->sharing, Sharing::country);
}

TEST(Program, E2_competency_licenses_are_shared_across_countries) {
    EXPECT_EQ(find_preset("competency")->sharing, Sharing::worldwide);
}

TEST(Program, no_preset_gives_an_activation_back) {
    for (const auto& program : program_presets()) {
        EXPECT_FALSE(program.returnable) << program.id;
        EXPECT_FALSE(program.title.empty()) << program.id;
        EXPECT_LT(program.renewal_days, program.lease_days) << program.id;
    }
}

}  // namespace
}  // namespace latchkey::licensing
