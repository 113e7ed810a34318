// A machine that is reimaged all the time lives on grace and rearm; it never spends an activation.

#include <boost/json/serialize.hpp>

#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

TEST(LabMachine, C9_refuses_to_spend_and_says_why) {
    Stage stage;
    stage.configure("[agent]\nrole = \"lab\"\n");
    stage.vendor().add_product("suite");
    const auto key = stage.vendor().sell("suite", "competency", 10);
    stage.install("suite");
    const auto refused = stage.activate("suite", key, true);
    EXPECT_EQ(refused.code(), "lab_mode");
    EXPECT_EQ(stage.vendor().decisions, 0) << "nothing was even asked";
    EXPECT_EQ(stage.state("suite"), "initial_grace");
    EXPECT_EQ(stage.get("/v1/status").at("overall"), "ok");
    const auto preview = stage.explain("suite", key);
    EXPECT_EQ(preview.at("refusal").at("code"), "lab_mode");
    EXPECT_EQ(preview.at("would_use"), 0);
}

TEST(LabMachine, C9_rearms_and_starts_a_grace_after_each_reimage) {
    Stage stage;
    stage.configure("[agent]\nrole = \"lab\"\n");
    stage.vendor().add_product("suite");
    stage.install("suite");
    stage.pass(20 * day);
    const auto rearmed = stage.post("/v1/products/suite/rearm");
    ASSERT_EQ(rearmed.status, 200) << rearmed.code();
    EXPECT_EQ(rearmed.at("state"), "extended_grace");
    EXPECT_EQ(rearmed.at("grace").at("rearms_left"), 2);
    stage.reimage();
    EXPECT_EQ(stage.state("suite"), "initial_grace");
}

TEST(LabMachine, C9_has_the_graces_and_rearms_that_its_product_grants) {
    Stage stage;
    stage.configure("[agent]\nrole = \"lab\"\n");
    stage.vendor().add_product(
        "suite",
        {{"initial-grace-days", {"10"}}, {"rearms", {"1"}}, {"lab-reimages-per-year", {"2"}}});
    stage.install("suite");
    stage.pass(hour);
    EXPECT_EQ(days_left(stage, "suite"), 9);
    EXPECT_EQ(rearms_left(stage, "suite"), 1);
    for (const int left : {9, 4}) {
        stage.pass(5 * day);
        stage.reimage();
        stage.pass(hour);
        EXPECT_EQ(days_left(stage, "suite"), left) << "the second one is the last of the year";
    }
    EXPECT_EQ(stage.product("suite").at("grace_ledger").at("graces_allowed"), 2);
}

std::string health(Stage& stage) { return boost::json::serialize(stage.get("/v1/health").body); }

/// Wiped and activated again; under every-activation that counts.
void reimage_and_activate(Stage& stage, const std::string& key) {
    stage.reimage();
    ASSERT_EQ(stage.activate("suite", key, true).at("counted"), 1);
}

TEST(LabMachine, C9_is_recommended_after_the_third_counted_reimage_in_ninety_days) {
    Stage stage;
    stage.vendor().add_product("suite");
    const auto key = stage.vendor().sell("suite", "competency", 10);
    stage.install("suite");
    ASSERT_EQ(stage.activate("suite", key).at("counted"), 1);
    for (int reimage = 1; reimage <= 2; ++reimage) {
        stage.pass(20 * day);
        reimage_and_activate(stage, key);
        EXPECT_EQ(health(stage).find("lab_recommended"), std::string::npos) << reimage;
        EXPECT_TRUE(stage.explain("suite").at("recommendation").is_null());
    }
    stage.pass(20 * day);
    reimage_and_activate(stage, key);
    EXPECT_NE(health(stage).find("lab_recommended"), std::string::npos);
    const auto recommended = stage.explain("suite").at("recommendation");
    EXPECT_EQ(recommended.at("code"), "lab_recommended");
    EXPECT_NE(recommended.at("remedy").as_string().find("role = \"lab\""), std::string::npos);
    EXPECT_EQ(stage.get("/v1/status").at("overall"), "ok") << "it is no more than advice";
    stage.pass(91 * day);
    EXPECT_EQ(health(stage).find("lab_recommended"), std::string::npos);
    stage.configure("[agent]\nrole = \"lab\"\n");
    EXPECT_EQ(stage.state("suite"), "licensed") << "what it has, it keeps";
    EXPECT_EQ(stage.activate("suite", key, true).code(), "lab_mode");
}

TEST(LabMachine, C9_is_not_recommended_where_reimages_are_rare_or_cost_nothing) {
    Stage stage;
    stage.vendor().add_product("suite");
    const auto key = stage.vendor().sell("suite", "competency", 10);
    stage.install("suite");
    ASSERT_EQ(stage.activate("suite", key).at("counted"), 1);
    for (int reimage = 1; reimage <= 3; ++reimage) {
        stage.pass(46 * day);
        reimage_and_activate(stage, key);
    }
    EXPECT_EQ(health(stage).find("lab_recommended"), std::string::npos) << "two in 90 days";

    Stage spared;
    spared.vendor().add_product("suite");
    const auto free_key = spared.vendor().sell("suite", "ai-cloud", 10);
    spared.install("suite");
    spared.activate("suite", free_key);
    for (int reimage = 1; reimage <= 3; ++reimage) {
        spared.reimage();
        ASSERT_EQ(spared.activate("suite", free_key).at("counted"), 0);
    }
    EXPECT_EQ(health(spared).find("lab_recommended"), std::string::npos);
}

}  // namespace
}  // namespace latchkey::scenario
