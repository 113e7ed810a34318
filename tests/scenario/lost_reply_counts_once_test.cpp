// The key server decided and committed; its answer was lost, or the agent died before it arrived.
// The request is sent again to the letter, and exactly one activation is used.

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

TEST(LostReply, counts_once_and_heals_by_itself) {
    Story story;
    story.stage.vendor().lost_replies = 3;
    EXPECT_EQ(story.stage.activate("suite", story.key).code(), "keyserver_unreachable");
    EXPECT_NE(story.stage.state("suite"), "licensed");
    story.stage.pass(4 * day);
    EXPECT_EQ(story.stage.state("suite"), "licensed");
    EXPECT_EQ(story.stage.used("suite"), 1);
    EXPECT_EQ(story.stage.vendor().decisions, 4);
}

TEST(LostReply, is_asked_for_again_soon_where_the_network_changed_meanwhile) {
    Story story;
    auto& stage = story.stage;
    stage.vendor().on_decision = [&] {
        stage.vendor().lost_replies = stage.vendor().activations <= 3 ? 1 : 0;
        if (stage.vendor().activations == 3) stage.change_network_meanwhile();
    };
    stage.activate("suite", story.key);
    while (stage.vendor().activations < 3) stage.let_be(minute);
    // Without it the next try would be half an hour away.
    stage.let_be(minutes{16});
    EXPECT_EQ(stage.state("suite"), "licensed");
}

TEST(LostReply, survives_a_crash_in_between) {
    Story story;
    story.stage.vendor().lost_replies = 1;
    story.stage.activate("suite", story.key);
    story.stage.restart();
    story.stage.pass(hour);
    EXPECT_EQ(story.stage.state("suite"), "licensed");
    EXPECT_EQ(story.stage.used("suite"), 1);
}

TEST(LostReply, an_admin_who_tries_again_gets_the_same_activation) {
    Story story;
    story.stage.vendor().lost_replies = 1;
    story.stage.activate("suite", story.key);
    const auto again = story.stage.activate("suite", story.key);
    ASSERT_EQ(again.status, 200) << again.code();
    EXPECT_EQ(story.stage.used("suite"), 1);
}

TEST(LostReply, a_network_that_is_away_is_waited_for) {
    Story story;
    story.stage.vendor().reachable = false;
    EXPECT_EQ(story.stage.activate("suite", story.key).code(), "keyserver_unreachable");
    EXPECT_TRUE(story.stage.product("suite").at("next_attempt_at").is_string());
    story.stage.pass(2 * day);
    EXPECT_EQ(story.stage.vendor().decisions, 0);
    story.stage.vendor().reachable = true;
    story.stage.pass(day);
    EXPECT_EQ(story.stage.state("suite"), "licensed");
    EXPECT_EQ(story.stage.used("suite"), 1);
}

}  // namespace
}  // namespace latchkey::scenario
