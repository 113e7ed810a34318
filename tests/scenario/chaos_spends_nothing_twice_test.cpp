// A key server that refuses for a while, loses requests and loses replies, as --chaos does to one
// request in twenty. Whatever it does to them: each machine is counted once, keeps its license and
// is never without a next attempt. Here the share is larger, too, so that failures meet failures.

#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

struct Weather {
    double share;
    int stories;
};

class UnderChaos : public testing::TestWithParam<Weather> {
protected:
    /// Asks until it is so: the agent's own retries do the rest.
    static void activate(Stage& stage, const std::string& key) {
        stage.activate("suite", key);
        for (int hours = 0; hours < 24 * 28 && stage.state("suite") != "licensed"; ++hours)
            stage.pass(hour);
        ASSERT_EQ(stage.state("suite"), "licensed");
    }

    static void no_story_left_open(Stage& stage) {
        EXPECT_EQ(stage.state("suite"), "licensed");
        EXPECT_TRUE(stage.product("suite").at("next_attempt_at").is_string());
    }
};

TEST_P(UnderChaos, an_activation_counts_once_and_a_reimage_does_not) {
    int mishaps = 0;
    for (int i = 0; i < GetParam().stories; ++i) {
        Stage stage;
        stage.vendor().add_product("suite");
        const auto key = stage.vendor().sell("suite", "ai-cloud", 10);
        stage.install("suite");
        stage.vendor().trouble(GetParam().share, static_cast<std::uint32_t>(i));
        activate(stage, key);
        stage.pass(30 * day);
        stage.reimage();
        activate(stage, key);
        EXPECT_EQ(stage.used("suite"), 1) << "story " << i;
        no_story_left_open(stage);
        mishaps += stage.vendor().mishaps;
    }
    EXPECT_GT(mishaps, 0);
}

TEST_P(UnderChaos, every_activation_counts_as_often_as_it_was_asked_for) {
    for (int i = 0; i < GetParam().stories; ++i) {
        Stage stage;
        stage.vendor().add_product("suite");
        const auto key = stage.vendor().sell("suite", "competency", 10);
        stage.install("suite");
        stage.vendor().trouble(GetParam().share, 1000 + static_cast<std::uint32_t>(i));
        activate(stage, key);
        stage.reimage();
        activate(stage, key);
        EXPECT_EQ(stage.used("suite"), 2) << "story " << i;
    }
}

TEST_P(UnderChaos, a_year_of_renewals_keeps_the_license) {
    Stage stage;
    stage.vendor().add_product("suite");
    const auto key = stage.vendor().sell("suite", "ai-cloud", 10);
    stage.install("suite");
    stage.vendor().trouble(GetParam().share, 7);
    activate(stage, key);
    for (int week = 0; week < 52; ++week) {
        stage.pass(7 * day);
        ASSERT_EQ(stage.state("suite"), "licensed") << "in week " << week;
    }
    EXPECT_EQ(stage.used("suite"), 1);
    EXPECT_GT(stage.vendor().mishaps, 0);
    no_story_left_open(stage);
}

INSTANTIATE_TEST_SUITE_P(Weathers, UnderChaos,
                         testing::Values(Weather{keyserver::kChaosShare, 12}, Weather{0.4, 8}),
                         [](const auto& info) {
                             return info.param.share < 0.1 ? std::string("as_shipped")
                                                           : std::string("worse");
                         });

}  // namespace
}  // namespace latchkey::scenario
