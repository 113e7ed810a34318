// Another network card is put in. That is a change, but not a significant one.

#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

Said activate_swap_and_activate_again(Stage& stage, const std::string& program) {
    stage.vendor().add_product("suite");
    const auto key = stage.vendor().sell("suite", program, 10);
    stage.install("suite");
    EXPECT_EQ(stage.activate("suite", key).at("counted"), 1);
    stage.become("desktop-nic-swapped");
    stage.reimage();
    return stage.activate("suite", key);
}

TEST(NicSwap, C2_does_not_count_where_only_significant_changes_do) {
    Stage stage;
    const auto again = activate_swap_and_activate_again(stage, "ai-cloud");
    ASSERT_EQ(again.status, 200) << again.code();
    EXPECT_EQ(again.at("counted"), 0);
    EXPECT_EQ(again.at("decision").at("verdict"), "same");
    EXPECT_EQ(again.at("decision").at("significant"), false);
    EXPECT_EQ(stage.used("suite"), 1);
}

TEST(NicSwap, C5_counts_where_any_change_does) {
    Stage stage;
    const auto again = activate_swap_and_activate_again(stage, "action-pack");
    ASSERT_EQ(again.status, 200) << again.code();
    EXPECT_EQ(again.at("counted"), 1);
    EXPECT_EQ(again.at("decision").at("verdict"), "same");
    EXPECT_EQ(stage.used("suite"), 2);
}

TEST(NicSwap, leaves_a_running_license_alone) {
    Stage stage;
    stage.vendor().add_product("suite");
    const auto key = stage.vendor().sell("suite", "ai-cloud", 10);
    stage.install("suite");
    stage.activate("suite", key);
    stage.become("desktop-nic-swapped");
    stage.reboot();
    EXPECT_EQ(stage.state("suite"), "licensed");
    EXPECT_EQ(stage.used("suite"), 1);
}

}  // namespace
}  // namespace latchkey::scenario
