// The board is replaced under a running agent, or while it is off. It is noticed at the boot, or
// within a day at a wake-up that comes anyway; the old board coming back heals at once.

#include <boost/json/serialize.hpp>

#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

struct Licensed {
    Stage stage;
    std::string key;
    Licensed() {
        stage.vendor().add_product("suite");
        key = stage.vendor().sell("suite", "ai-cloud", 10);
        stage.install("suite");
        EXPECT_EQ(stage.activate("suite", key).status, 200);
    }
};

TEST(Drift, is_seen_at_the_next_boot) {
    Licensed story;
    story.stage.swap_hardware("desktop-board-replaced");
    story.stage.reboot();
    EXPECT_EQ(story.stage.state("suite"), "out_of_tolerance_grace");
}

TEST(Drift, is_seen_within_a_day_without_a_boot) {
    Licensed story;
    story.stage.let_be(2 * hour);
    story.stage.swap_hardware("desktop-board-replaced");
    EXPECT_EQ(story.stage.state("suite"), "licensed");
    story.stage.let_be(day);
    EXPECT_EQ(story.stage.state("suite"), "out_of_tolerance_grace");
}

TEST(Drift, is_looked_for_once_a_day_and_not_at_each_wake_up) {
    Licensed story;
    const int before = story.stage.looks();
    story.stage.let_be(5 * day);
    EXPECT_GE(story.stage.looks() - before, 4);
    EXPECT_LE(story.stage.looks() - before, 5) << "woken 120 times";
}

TEST(Drift, is_not_looked_for_where_no_license_could_drift) {
    Stage stage;
    stage.vendor().reachable = false;
    stage.vendor().add_product("suite", {{"no-activation", {}}});
    stage.install("suite");
    const int before = stage.looks();
    stage.let_be(5 * day);
    EXPECT_EQ(stage.looks(), before);
}

TEST(Drift, is_repaired_by_the_old_hardware_coming_back) {
    Licensed story;
    story.stage.swap_hardware("desktop-board-replaced");
    story.stage.let_be(25 * hour);
    ASSERT_EQ(story.stage.state("suite"), "out_of_tolerance_grace");
    story.stage.let_be(4 * day);
    story.stage.swap_hardware("desktop");
    story.stage.let_be(25 * hour);
    EXPECT_EQ(story.stage.state("suite"), "licensed");
    EXPECT_EQ(story.stage.used("suite"), 1);
    story.stage.swap_hardware("desktop-board-replaced");
    story.stage.let_be(25 * hour);
    const auto left = story.stage.product("suite").at("grace").at("remaining_s").as_int64();
    EXPECT_LE(left, 26 * 86400) << "going back and forth refills nothing";
}

bool asks_for_a_confirmation(Stage& stage) {
    return boost::json::serialize(stage.product("suite")).find("confirmation_required") !=
           std::string::npos;
}

TEST(Drift, that_healed_asks_nobody_for_a_confirmation_any_more) {
    Licensed story;
    story.stage.swap_hardware("desktop-board-replaced");
    story.stage.let_be(25 * hour);
    story.stage.pass(2 * day);
    ASSERT_TRUE(asks_for_a_confirmation(story.stage));
    story.stage.swap_hardware("desktop");
    story.stage.let_be(25 * hour);
    EXPECT_EQ(story.stage.state("suite"), "licensed");
    EXPECT_FALSE(asks_for_a_confirmation(story.stage));
}

TEST(Drift, rearms_that_are_used_while_it_lasts_are_used_on_the_new_hardware_for_good) {
    Licensed story;
    story.stage.swap_hardware("desktop-board-replaced");
    story.stage.let_be(25 * hour);
    for (int rearm = 0; rearm < 2; ++rearm) {
        ASSERT_EQ(story.stage.post("/v1/products/suite/rearm").status, 200);
        ASSERT_EQ(story.stage.post("/v1/products/suite/used").status, 200);
    }
    story.stage.pass(10 * day);
    story.stage.reimage();
    story.stage.pass(hour);
    EXPECT_EQ(rearms_left(story.stage, "suite"), 1) << "a wipe gives none back";
    EXPECT_EQ(days_left(story.stage, "suite"), 19);
}

TEST(Drift, is_repaired_by_activating_again_also_after_the_grace) {
    Licensed story;
    story.stage.swap_hardware("desktop-board-replaced");
    story.stage.let_be(25 * hour);
    story.stage.pass(31 * day);
    ASSERT_EQ(story.stage.state("suite"), "notification");
    const auto done = story.stage.activate("suite", {}, true);
    ASSERT_EQ(done.status, 200) << done.code();
    EXPECT_EQ(done.at("counted"), 1);
    EXPECT_EQ(story.stage.state("suite"), "licensed");
    story.stage.swap_hardware("desktop-board-replaced");
    story.stage.reboot();
    EXPECT_EQ(story.stage.state("suite"), "licensed") << "this is the hardware it is bound to now";
}

}  // namespace
}  // namespace latchkey::scenario
