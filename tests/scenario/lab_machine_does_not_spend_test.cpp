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

TEST(LabMachine, C9_is_recommended_after_the_third_counted_activation_in_ninety_days) {
    Stage stage;
    stage.vendor().add_product("suite");
    const auto key = stage.vendor().sell("suite", "competency", 10);
    stage.install("suite");
    ASSERT_EQ(stage.activate("suite", key).at("counted"), 1);
    const auto health = [&] { return boost::json::serialize(stage.get("/v1/health").body); };
    EXPECT_EQ(health().find("lab_recommended"), std::string::npos);
    EXPECT_TRUE(stage.explain("suite").at("recommendation").is_null());
    // What the receipt of the third one says.
    stage.while_off([](store::Store& store) {
        auto state = store.products()->front();
        state.last_decision->recent_activations = 3;
        EXPECT_TRUE(store.commit({state, {}, {}}));
    });
    EXPECT_NE(health().find("lab_recommended"), std::string::npos);
    const auto recommended = stage.explain("suite").at("recommendation");
    EXPECT_EQ(recommended.at("code"), "lab_recommended");
    EXPECT_NE(recommended.at("remedy").as_string().find("role = \"lab\""), std::string::npos);
    EXPECT_EQ(stage.get("/v1/status").at("overall"), "ok") << "it is no more than advice";
    stage.pass(91 * day);
    EXPECT_EQ(health().find("lab_recommended"), std::string::npos);
    stage.configure("[agent]\nrole = \"lab\"\n");
    EXPECT_EQ(stage.state("suite"), "licensed") << "what it has, it keeps";
    EXPECT_EQ(stage.activate("suite", key, true).code(), "lab_mode");
}

}  // namespace
}  // namespace latchkey::scenario
