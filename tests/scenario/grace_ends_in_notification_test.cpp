// Nobody activates: thirty days of grace, reminders, and then notification. Nothing is ever
// blocked.

#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

struct Unactivated {
    Stage stage;
    Unactivated() {
        stage.vendor().add_product("suite");
        stage.install("suite");
    }
};

TEST(Grace, ends_in_notification_after_thirty_days) {
    Unactivated story;
    EXPECT_EQ(story.stage.state("suite"), "initial_grace");
    EXPECT_EQ(story.stage.get("/v1/status").at("overall"), "warning");
    story.stage.pass(30 * day - hour);
    EXPECT_EQ(story.stage.state("suite"), "initial_grace");
    story.stage.pass(2 * hour);
    EXPECT_EQ(story.stage.state("suite"), "notification");
    EXPECT_EQ(story.stage.get("/v1/status").at("overall"), "critical");
    EXPECT_TRUE(story.stage.product("suite").at("reminder_due_at").is_string());
}

TEST(Grace, that_still_waits_for_the_first_use_is_not_rearmed_and_says_so) {
    Unactivated story;
    const auto first = story.stage.post("/v1/products/suite/rearm");
    EXPECT_TRUE(first.at("note").is_null());
    const auto second = story.stage.post("/v1/products/suite/rearm");
    ASSERT_EQ(second.status, 200) << second.code();
    EXPECT_TRUE(second.at("note").is_string());
    EXPECT_EQ(second.at("grace").at("rearms_left"), first.at("grace").at("rearms_left"));
}

TEST(Grace, goes_on_while_the_machine_is_off) {
    Unactivated story;
    story.stage.reboot(29 * day);
    EXPECT_EQ(story.stage.state("suite"), "initial_grace");
    story.stage.reboot(2 * day);
    EXPECT_EQ(story.stage.state("suite"), "notification");
}

TEST(Grace, is_not_refilled_by_setting_the_clock_back) {
    Unactivated story;
    story.stage.pass(20 * day);
    story.stage.clock.turn_wall(-19 * day);
    story.stage.pass(hour);
    const auto grace = story.stage.product("suite").at("grace");
    EXPECT_LE(grace.at("remaining_s").as_int64(), 10 * 86400);
    EXPECT_EQ(story.stage.get("/v1/status").at("agent").at("clock"), "behind");
}

TEST(Grace, is_restarted_by_a_rearm_and_not_more_often_than_allowed) {
    Unactivated story;
    for (int rearm = 0; rearm < 3; ++rearm) {
        story.stage.pass(31 * day);
        EXPECT_EQ(story.stage.state("suite"), "notification");
        EXPECT_EQ(story.stage.post("/v1/products/suite/rearm").status, 200);
        EXPECT_EQ(story.stage.state("suite"), "extended_grace");
        EXPECT_EQ(story.stage.post("/v1/products/suite/used").status, 200);
    }
    story.stage.pass(31 * day);
    EXPECT_EQ(story.stage.post("/v1/products/suite/rearm").code(), "rearm_exhausted");
    EXPECT_EQ(story.stage.state("suite"), "notification");
}

TEST(Grace, survives_the_loss_of_the_state_directory) {
    Unactivated story;
    story.stage.pass(20 * day);
    std::filesystem::remove_all(story.stage.folder() / "state.gone");
    std::filesystem::rename(story.stage.folder() / "state", story.stage.folder() / "state.gone");
    story.stage.restart();
    const auto grace = story.stage.product("suite").at("grace");
    EXPECT_LE(grace.at("remaining_s").as_int64(), 10 * 86400 + 3600);
}

}  // namespace
}  // namespace latchkey::scenario
