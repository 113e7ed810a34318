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

/// A workstation that is wiped and activated again so often, with so much time between.
struct Reimaged {
    Stage stage;
    std::string key;

    Reimaged() {
        stage.vendor().add_product("suite");
        key = stage.vendor().sell("suite", "competency", 10);
        stage.install("suite");
        EXPECT_EQ(stage.activate("suite", key).at("counted"), 1);
    }
    void reimage_after(Duration time) {
        stage.pass(time);
        stage.reimage();
        const auto again = stage.activate("suite", key);
        ASSERT_EQ(again.status, 200) << again.code();
        EXPECT_EQ(again.at("counted"), 1) << "every activation counts";
    }
    bool lab_recommended() { return !health_text(stage, "lab_recommended").empty(); }
};

TEST(LabMachine, C9_is_recommended_when_real_reimages_have_used_three_activations_in_ninety_days) {
    Reimaged story;
    EXPECT_FALSE(story.lab_recommended());
    story.reimage_after(30 * day);
    EXPECT_FALSE(story.lab_recommended()) << "the second";
    story.reimage_after(30 * day);
    EXPECT_TRUE(story.lab_recommended()) << "the third, 60 days after the first";
    EXPECT_EQ(story.stage.used("suite"), 3);
    story.reimage_after(20 * day);
    EXPECT_TRUE(story.lab_recommended());
    EXPECT_EQ(story.stage.explain("suite").at("recommendation").at("code"), "lab_recommended");
}

TEST(LabMachine, C9_is_not_recommended_where_the_first_of_three_is_older_than_ninety_days) {
    Reimaged story;
    story.reimage_after(46 * day);
    story.reimage_after(46 * day);
    EXPECT_EQ(story.stage.used("suite"), 3);
    EXPECT_FALSE(story.lab_recommended()) << "92 days lie between the first and the third";
    story.reimage_after(10 * day);
    EXPECT_TRUE(story.lab_recommended()) << "but three of the last 56";
}

}  // namespace
}  // namespace latchkey::scenario
