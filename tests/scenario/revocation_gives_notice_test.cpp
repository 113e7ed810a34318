// The key server ends a license. The product is told a week ahead, reminded afterwards, and never
// blocked; and when the key server changes its mind, it heals by itself.

#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

struct Revoked {
    Stage stage;
    std::string key_id;
    Revoked() {
        stage.vendor().add_product("suite");
        const auto key = stage.vendor().sell("suite", "ai-cloud", 10);
        stage.install("suite");
        EXPECT_EQ(stage.activate("suite", key).status, 200);
        const auto keys = stage.vendor().admin("key", "list", {});
        key_id = std::string(keys.at("keys").at(0).at("id").as_string());
        stage.vendor().admin("key", "block", {{"id", {key_id}}});
        // Until the renewal that hears of it, and no longer: the notice has only just begun.
        for (int days = 0; days < 9 && stage.state("suite") == "licensed"; ++days) stage.pass(day);
    }
};

TEST(Revocation, starts_a_week_of_notice_at_the_next_renewal) {
    Revoked story;
    EXPECT_EQ(story.stage.state("suite"), "non_genuine_grace");
    const auto grace = story.stage.product("suite").at("grace");
    EXPECT_EQ(grace.at("kind").as_string(), "non_genuine");
    EXPECT_LE(grace.at("remaining_s").as_int64(), 7 * 86400);
    EXPECT_GT(grace.at("remaining_s").as_int64(), 5 * 86400);
    EXPECT_EQ(story.stage.get("/v1/status").at("overall"), "warning");
    story.stage.pass(8 * day);
    EXPECT_EQ(story.stage.state("suite"), "notification");
    EXPECT_TRUE(story.stage.product("suite").at("reminder_due_at").is_string());
    EXPECT_EQ(story.stage.get("/v1/products/suite/license").status, 200) << "nothing is blocked";
}

TEST(Revocation, is_not_extended_by_a_rearm_or_a_restart) {
    Revoked story;
    EXPECT_EQ(story.stage.post("/v1/products/suite/rearm").code(), "license_revoked");
    const auto before = story.stage.product("suite").at("grace").at("ends_at");
    story.stage.restart();
    EXPECT_EQ(story.stage.product("suite").at("grace").at("ends_at"), before);
}

TEST(Revocation, that_was_taken_back_heals_at_a_renewal) {
    Revoked story;
    story.stage.pass(8 * day);
    ASSERT_EQ(story.stage.state("suite"), "notification");
    story.stage.vendor().admin("key", "block", {{"id", {story.key_id}}, {"undo", {}}});
    story.stage.pass(9 * day);
    EXPECT_EQ(story.stage.state("suite"), "licensed");
    EXPECT_EQ(story.stage.used("suite"), 1);
}

}  // namespace
}  // namespace latchkey::scenario
