// A machine is activated, wiped and installed again. Whether that costs a second activation is the
// program's rule, and the agent says so before anything is spent.

#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

/// Activates, reimages, and looks at what a second activation costs.
struct Reimage {
    Stage stage;
    std::string key;

    explicit Reimage(const std::string& program) {
        stage.vendor().add_product("suite");
        key = stage.vendor().sell("suite", program, 10);
        stage.install("suite");
        const auto first = stage.activate("suite", key);
        EXPECT_EQ(first.status, 200) << first.code();
        stage.reimage();
        EXPECT_EQ(stage.state("suite"), "initial_grace") << "nothing of the license is left";
    }
};

TEST(Reimage, C2_is_free_where_only_significant_changes_count) {
    Reimage story("ai-cloud");
    const auto preview = story.stage.explain("suite", story.key);
    EXPECT_EQ(preview.at("would_use"), 0) << preview.code();
    EXPECT_EQ(preview.at("verdict"), "same");
    EXPECT_EQ(preview.at("source"), "key_server");
    EXPECT_FALSE(preview.at("reasons").as_array().empty());

    const auto again = story.stage.activate("suite", story.key);
    ASSERT_EQ(again.status, 200) << again.code();
    EXPECT_EQ(again.at("counted"), 0);
    EXPECT_EQ(again.at("decision").at("verdict"), "same");
    EXPECT_EQ(story.stage.state("suite"), "licensed");
    EXPECT_EQ(story.stage.used("suite"), 1);
}

TEST(Reimage, C4_is_free_where_any_change_counts_and_nothing_changed) {
    Reimage story("action-pack");
    EXPECT_EQ(story.stage.explain("suite", story.key).at("would_use"), 0);
    EXPECT_EQ(story.stage.activate("suite", story.key).at("counted"), 0);
    EXPECT_EQ(story.stage.used("suite"), 1);
}

TEST(Reimage, C6_counts_where_every_activation_counts) {
    Reimage story("competency");
    EXPECT_EQ(story.stage.explain("suite", story.key).at("would_use"), 1);
    EXPECT_EQ(story.stage.activate("suite", story.key).at("counted"), 1);
    EXPECT_EQ(story.stage.used("suite"), 2);
}

TEST(Reimage, C1_a_first_activation_counts_under_every_program) {
    for (const std::string program : {"ai-cloud", "action-pack", "competency"}) {
        Stage stage;
        stage.vendor().add_product("suite");
        const auto key = stage.vendor().sell("suite", program, 10);
        stage.install("suite");
        const auto preview = stage.explain("suite", key);
        EXPECT_EQ(preview.at("would_use"), 1) << preview.code();
        EXPECT_EQ(preview.at("new_machine"), true);
        EXPECT_EQ(preview.at("activations").at("used"), 0);
        const auto done = stage.activate("suite", key);
        EXPECT_EQ(done.at("counted"), 1) << done.code();
        EXPECT_TRUE(done.at("receipt_id").is_string());
        EXPECT_EQ(stage.used("suite"), 1);
    }
}

}  // namespace
}  // namespace latchkey::scenario
