// The battery of the clock is dead: the machine boots in 2099, or in 1970, until NTP has spoken.
// That costs no grace.

#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

constexpr Duration kSeventyYears = Days{70 * 365};

std::int64_t remaining(Stage& stage) {
    return stage.product("suite").at("grace").at("remaining_s").as_int64();
}

struct InGrace {
    Stage stage;
    InGrace() {
        stage.vendor().add_product("suite");
        stage.install("suite");
        stage.pass(5 * day);
    }
};

TEST(DeadBattery, a_boot_in_the_far_future_is_given_back) {
    InGrace story;
    auto& stage = story.stage;
    const WallTime right = stage.clock.wall();
    stage.clock.set_wall(right + kSeventyYears);
    stage.reboot();
    EXPECT_EQ(stage.get("/v1/status").at("agent").at("clock"), "ahead");
    stage.clock.set_wall(right + 2 * minute);
    stage.reboot();
    stage.pass(hour);
    EXPECT_EQ(stage.state("suite"), "initial_grace");
    EXPECT_GE(remaining(stage), 24 * 86400);
}

TEST(DeadBattery, a_boot_in_1970_loses_nothing_and_gains_nothing) {
    InGrace story;
    auto& stage = story.stage;
    const WallTime right = stage.clock.wall();
    stage.clock.set_wall(WallTime{});
    stage.reboot();
    EXPECT_EQ(stage.state("suite"), "initial_grace");
    EXPECT_LE(remaining(stage), 25 * 86400);
    stage.clock.set_wall(right + 2 * minute);
    stage.pass(hour);
    EXPECT_EQ(stage.state("suite"), "initial_grace");
    EXPECT_GE(remaining(stage), 24 * 86400);
}

TEST(DeadBattery, an_activation_works_whatever_the_clock_says) {
    InGrace story;
    auto& stage = story.stage;
    const auto key = stage.vendor().sell("suite", "ai-cloud", 3);
    stage.clock.set_wall(stage.clock.wall() + kSeventyYears);
    stage.reboot();
    const auto done = stage.activate("suite", key);
    EXPECT_EQ(done.status, 200) << done.code();
    EXPECT_EQ(stage.state("suite"), "licensed");
    stage.pass(day);
    EXPECT_EQ(stage.state("suite"), "licensed") << "the signed time was believed, not the battery";
}

TEST(DeadBattery, a_time_that_was_signed_for_one_product_puts_all_of_them_right_at_once) {
    InGrace story;
    auto& stage = story.stage;
    stage.vendor().add_product("tools");
    stage.install("tools");
    const auto key = stage.vendor().sell("suite", "ai-cloud", 3);
    ASSERT_EQ(stage.activate("tools", stage.vendor().sell("tools", "ai-cloud", 3)).status, 200);
    stage.vendor().reachable = false;
    stage.clock.set_wall(stage.clock.wall() + kSeventyYears);
    stage.reboot();
    stage.pass(minute);
    ASSERT_NE(stage.state("tools"), "licensed") << "its lease seems to have run out long ago";
    stage.vendor().reachable = true;
    ASSERT_EQ(stage.activate("suite", key).status, 200);
    EXPECT_EQ(stage.state("tools"), "licensed") << "it need not wait for its own next attempt";
}

}  // namespace
}  // namespace latchkey::scenario
