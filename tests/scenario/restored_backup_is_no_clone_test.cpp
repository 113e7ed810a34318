// A backup is restored, a snapshot reverted: the agent presents a lease it had long renewed. That
// happens to honest machines, and accuses nobody.

#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

struct Licensed {
    Stage stage;
    Licensed() {
        stage.vendor().add_product("suite");
        const auto key = stage.vendor().sell("suite", "ai-cloud", 5);
        stage.install("suite");
        EXPECT_EQ(stage.activate("suite", key).status, 200);
        stage.pass(10 * day);
        stage.back_up();
    }
    boost::json::object shown() {
        const auto listed = stage.vendor().admin("machine", "list", {});
        const std::string id(listed.at("machines").at(0).at("id").as_string());
        return stage.vendor().admin("machine", "show", {{"id", {id}}});
    }
    std::int64_t branches() { return shown().at("licenses").at(0).at("branches").as_int64(); }
};

TEST(RestoredBackup, goes_on_renewing_and_is_no_clone) {
    Licensed story;
    story.stage.pass(60 * day);
    EXPECT_EQ(story.branches(), 0);
    story.stage.restore();
    story.stage.pass(60 * day);
    EXPECT_EQ(story.stage.state("suite"), "licensed");
    EXPECT_EQ(story.branches(), 1) << "it is seen, and no accusation";
    EXPECT_TRUE(story.shown().at("forks").as_array().empty());
    EXPECT_EQ(story.stage.used("suite"), 1);
}

TEST(RestoredBackup, may_be_the_same_one_every_month) {
    Licensed story;
    for (int month = 0; month < 8; ++month) {
        story.stage.pass(30 * day);
        ASSERT_EQ(story.stage.state("suite"), "licensed") << month;
        story.stage.restore();
    }
    EXPECT_TRUE(story.shown().at("forks").as_array().empty());
}

TEST(RestoredBackup, and_lost_replies_together_accuse_nobody) {
    Licensed story;
    for (int month = 0; month < 4; ++month) {
        story.stage.vendor().lost_replies = 2;
        story.stage.pass(20 * day);
        story.stage.restart();
        story.stage.vendor().lost_replies = 1;
        story.stage.pass(8 * day);
        ASSERT_EQ(story.stage.state("suite"), "licensed") << month;
        story.stage.restore();
    }
    EXPECT_TRUE(story.shown().at("forks").as_array().empty());
    EXPECT_EQ(story.stage.used("suite"), 1);
}

class FrozenBackup : public testing::TestWithParam<bool> {};

TEST_P(FrozenBackup, does_not_freeze_the_grace_that_runs) {
    Stage stage;
    stage.vendor().add_product("suite");
    stage.install("suite");
    stage.pass(day);
    if (GetParam()) {
        const auto key = stage.vendor().sell("suite", "ai-cloud", 5);
        ASSERT_EQ(stage.activate("suite", key).status, 200);
        ASSERT_EQ(stage.post("/v1/products/suite/deactivate").status, 200);
        stage.pass(hour);
    }
    ASSERT_EQ(stage.post("/v1/products/suite/rearm").status, 200);
    stage.vendor().reachable = false;
    stage.back_up();
    stage.pass(day);
    ASSERT_EQ(stage.post("/v1/products/suite/used").status, 200);
    stage.pass(6 * day);
    EXPECT_EQ(days_left(stage, "suite"), 24);
    stage.put_back_state(stage.folder() / "backup" / "state");
    stage.pass(hour);
    EXPECT_EQ(days_left(stage, "suite"), 23) << "the second copy remembers";
}

INSTANTIATE_TEST_SUITE_P(AfterALicense, FrozenBackup, testing::Bool());

}  // namespace
}  // namespace latchkey::scenario
