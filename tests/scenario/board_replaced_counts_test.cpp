// The mainboard is replaced: still the same machine to its owner, but significantly changed.

#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

TEST(BoardReplaced, C3_counts_where_significant_changes_do) {
    Stage stage;
    stage.vendor().add_product("suite");
    const auto key = stage.vendor().sell("suite", "ai-cloud", 10);
    stage.install("suite");
    EXPECT_EQ(stage.activate("suite", key).at("counted"), 1);
    stage.become("desktop-board-replaced");
    stage.reimage();
    const auto preview = stage.explain("suite", key);
    EXPECT_EQ(preview.at("would_use"), 1) << preview.code();
    EXPECT_EQ(preview.at("significant"), true);
    const auto again = stage.activate("suite", key);
    ASSERT_EQ(again.status, 200) << again.code();
    EXPECT_EQ(again.at("counted"), 1);
    EXPECT_EQ(stage.used("suite"), 2);
}

TEST(BoardReplaced, C1_another_unit_of_the_same_model_is_another_machine) {
    Stage stage;
    stage.vendor().add_product("suite");
    const auto key = stage.vendor().sell("suite", "ai-cloud", 10);
    stage.install("suite");
    EXPECT_EQ(stage.activate("suite", key).at("counted"), 1);
    stage.become("desktop-twin");
    stage.reimage();
    EXPECT_EQ(stage.activate("suite", key).at("counted"), 1);
    EXPECT_EQ(stage.used("suite"), 2);
}

TEST(BoardReplaced, under_a_license_starts_a_grace_and_waits_for_the_admin) {
    Stage stage;
    stage.vendor().add_product("suite");
    const auto key = stage.vendor().sell("suite", "ai-cloud", 10);
    stage.install("suite");
    stage.activate("suite", key);
    stage.become("desktop-board-replaced");
    stage.reboot();
    stage.pass(hour);
    EXPECT_EQ(stage.state("suite"), "out_of_tolerance_grace");
    EXPECT_EQ(stage.used("suite"), 1) << "nothing was spent without anybody's word";
    // Status says what the grace is for, and which part it was.
    const auto told = stage.product("suite").at("conditions").as_array();
    ASSERT_FALSE(told.empty());
    EXPECT_EQ(told.at(0).at("code").as_string(), "hardware_changed");
    const std::string details = json::to_text(told.at(0).at("details"));
    EXPECT_NE(details.find("mainboard"), std::string::npos) << details;
    const auto done = stage.activate("suite", {}, true);
    ASSERT_EQ(done.status, 200) << done.code();
    EXPECT_EQ(done.at("counted"), 1);
    EXPECT_EQ(stage.state("suite"), "licensed");
    EXPECT_TRUE(stage.product("suite").at("conditions").as_array().empty());
}

}  // namespace
}  // namespace latchkey::scenario
