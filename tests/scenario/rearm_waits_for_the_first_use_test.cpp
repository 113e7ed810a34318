// A rearm restarts the grace and stops its clock until the product is used: a machine that waits
// on a shelf loses none of it.

#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

struct Rearmed {
    Stage stage;

    Rearmed() {
        stage.vendor().add_product("suite");
        stage.install("suite");
        stage.pass(31 * day);
        EXPECT_EQ(stage.state("suite"), "notification");
        EXPECT_EQ(stage.post("/v1/products/suite/rearm").status, 200);
    }

    std::int64_t left() { return stage.product("suite").at("grace").at("remaining_s").as_int64(); }
};

constexpr std::int64_t kWhole = 30 * 86400;

TEST(FirstUse, starts_the_grace_that_waited_for_it) {
    Rearmed story;
    auto& stage = story.stage;
    EXPECT_TRUE(stage.product("suite").at("first_used_at").is_null());
    stage.pass(100 * day);
    stage.reboot(50 * day);
    EXPECT_EQ(stage.state("suite"), "extended_grace");
    EXPECT_EQ(story.left(), kWhole) << "not a second of it is gone";
    // Whoever runs the product: no rights are needed.
    EXPECT_EQ(stage.post("/v1/products/suite/used", nullptr, false).status, 200);
    EXPECT_TRUE(stage.product("suite").at("first_used_at").is_string());
    stage.pass(10 * day);
    EXPECT_EQ(story.left(), kWhole - 10 * 86400);
    stage.pass(21 * day);
    EXPECT_EQ(stage.state("suite"), "notification");
}

TEST(FirstUse, is_also_a_product_that_asks_for_its_license) {
    Rearmed story;
    EXPECT_EQ(story.stage.get("/v1/products/suite/license").code(), "not_activated");
    story.stage.restart();
    story.stage.pass(day);
    EXPECT_EQ(story.left(), kWhole - 86400);
}

TEST(FirstUse, is_the_first_one_alone) {
    Rearmed story;
    EXPECT_EQ(story.stage.post("/v1/products/suite/used").status, 200);
    const auto first = story.stage.product("suite").at("first_used_at");
    story.stage.pass(5 * day);
    EXPECT_EQ(story.stage.post("/v1/products/suite/used").status, 200);
    EXPECT_EQ(story.stage.product("suite").at("first_used_at"), first);
    EXPECT_EQ(story.left(), kWhole - 5 * 86400) << "using it again restarts nothing";
}

TEST(FirstUse, is_not_somebody_who_looks) {
    Rearmed story;
    story.stage.get("/v1/status");
    story.stage.history("suite");
    story.stage.post("/v1/products/suite/attest", {{"nonce", "n"}});
    story.stage.explain("suite");
    story.stage.pass(40 * day);
    EXPECT_EQ(story.left(), kWhole);
}

TEST(FirstUse, that_could_not_be_stored_is_told_and_the_grace_waits_on) {
    Rearmed story;
    story.stage.disk_full = true;
    EXPECT_EQ(story.stage.post("/v1/products/suite/used").code(), "storage_failed");
    story.stage.disk_full = false;
    story.stage.pass(2 * day);
    EXPECT_EQ(story.left(), kWhole);
}

}  // namespace
}  // namespace latchkey::scenario
