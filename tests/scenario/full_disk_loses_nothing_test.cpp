// The disk is full. What cannot be remembered is not asked for; what was asked for is not lost.

#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

struct Story {
    Stage stage;
    std::string key;
    Story() {
        stage.vendor().add_product("suite");
        key = stage.vendor().sell("suite", "competency", 10);
        stage.install("suite");
    }
};

TEST(FullDisk, spends_nothing_and_says_why) {
    Story story;
    story.stage.disk_full = true;
    EXPECT_EQ(story.stage.activate("suite", story.key).code(), "storage_failed");
    EXPECT_EQ(story.stage.vendor().decisions, 0);
    EXPECT_EQ(story.stage.state("suite"), "initial_grace") << "status goes on answering";
    const auto health = story.stage.get("/v1/health");
    EXPECT_NE(health.code().find("storage_failed"), std::string::npos) << health.code();
    EXPECT_EQ(health.at("overall"), "critical");
    story.stage.disk_full = false;
    EXPECT_EQ(story.stage.activate("suite", story.key).at("counted"), 1);
    EXPECT_EQ(story.stage.get("/v1/health").code().find("storage_failed"), std::string::npos);
}

TEST(FullDisk, is_told_no_longer_than_it_is_full) {
    Story story;
    story.stage.disk_full = true;
    story.stage.activate("suite", story.key);
    story.stage.let_be(minutes{3});
    EXPECT_EQ(story.stage.get("/v1/health").at("overall"), "critical");
    story.stage.disk_full = false;
    story.stage.let_be(minutes{3});
    EXPECT_EQ(story.stage.get("/v1/health").code().find("storage_failed"), std::string::npos);
}

TEST(FullDisk, between_question_and_answer_costs_no_second_activation) {
    Story story;
    story.stage.vendor().on_decision = [&] { story.stage.disk_full = true; };
    EXPECT_EQ(story.stage.activate("suite", story.key).code(), "storage_failed");
    EXPECT_EQ(story.stage.state("suite"), "initial_grace");
    story.stage.vendor().on_decision = {};
    story.stage.disk_full = false;
    const auto again = story.stage.activate("suite", story.key);
    ASSERT_EQ(again.status, 200) << again.code();
    EXPECT_EQ(story.stage.used("suite"), 1) << "the same request, the same activation";
    EXPECT_EQ(story.stage.vendor().decisions, 2);
}

TEST(FullDisk, between_question_and_answer_survives_a_crash) {
    Story story;
    story.stage.vendor().on_decision = [&] { story.stage.disk_full = true; };
    story.stage.activate("suite", story.key);
    story.stage.vendor().on_decision = {};
    story.stage.disk_full = false;
    story.stage.restart();
    EXPECT_EQ(story.stage.state("suite"), "licensed");
    EXPECT_EQ(story.stage.used("suite"), 1);
}

TEST(FullDisk, at_the_first_start_begins_the_grace_when_there_is_room) {
    Stage stage;
    stage.vendor().add_product("suite");
    stage.disk_full = true;
    stage.install("suite");
    stage.pass(2 * hour);
    EXPECT_TRUE(stage.get("/v1/status").at("products").as_array().empty() ||
                stage.state("suite") == "unlicensed");
    stage.disk_full = false;
    stage.pass(2 * hour);
    EXPECT_EQ(stage.state("suite"), "initial_grace");
    EXPECT_GE(days_left(stage, "suite"), 29);
}

}  // namespace
}  // namespace latchkey::scenario
