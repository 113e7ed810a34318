// The rearm ledger follows the hardware, not the image: whoever reimages a workstation finds the
// grace where it was, as soon as the key server can be asked. A lab machine starts anew, as often a
// year as its bound allows. Real agent, real key server.

#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

Stage& installed(Stage& stage, const std::string& role = "workstation") {
    stage.configure("[agent]\nrole = \"" + role + "\"\n");
    stage.vendor().add_product("suite");
    stage.install("suite");
    return stage;
}

void reimage_and_ask(Stage& stage) {
    stage.reimage();
    stage.pass(hour);
}

TEST(Ledger, a_reimaged_workstation_continues_its_grace) {
    Stage stage;
    installed(stage).pass(20 * day);
    EXPECT_EQ(days_left(stage, "suite"), 10);
    reimage_and_ask(stage);
    EXPECT_EQ(days_left(stage, "suite"), 9) << "ten, less the hour it took to be asked";
    EXPECT_EQ(stage.product("suite").at("grace_ledger").at("graces_this_year"), 1);
}

/// Three days of its grace were used when it was activated; then it was licensed for forty.
Stage& licensed_for_forty_days(Stage& stage) {
    const auto key = [&] {
        stage.vendor().add_product("suite");
        stage.install("suite");
        return stage.vendor().sell("suite", "ai-cloud", 10);
    }();
    stage.pass(3 * day);
    EXPECT_EQ(stage.activate("suite", key).status, 200);
    stage.pass(40 * day);
    EXPECT_EQ(stage.state("suite"), "licensed");
    return stage;
}

TEST(Ledger, a_grace_stands_still_while_the_product_is_licensed) {
    Stage stage;
    licensed_for_forty_days(stage);
    reimage_and_ask(stage);
    EXPECT_EQ(stage.state("suite"), "initial_grace");
    EXPECT_EQ(days_left(stage, "suite"), 27) << "as many as when it was activated";
    stage.pass(20 * day);
    reimage_and_ask(stage);
    EXPECT_EQ(days_left(stage, "suite"), 6) << "and runs on when nobody activates it again";
}

TEST(Ledger, a_grace_stands_still_while_licensed_for_a_state_that_is_lost_too) {
    Stage stage;
    licensed_for_forty_days(stage);
    stage.with_disk(
        [](const std::filesystem::path& folder) { std::filesystem::remove_all(folder / "state"); });
    EXPECT_EQ(stage.state("suite"), "initial_grace");
    EXPECT_EQ(days_left(stage, "suite"), 27) << "the second copy knows as much";
}

TEST(Ledger, neither_refills_rearms_nor_loses_the_grace_of_the_last_one) {
    Stage stage;
    installed(stage).pass(20 * day);
    ASSERT_EQ(stage.post("/v1/products/suite/rearm").status, 200);
    ASSERT_EQ(stage.post("/v1/products/suite/used").status, 200);
    stage.pass(5 * day);
    EXPECT_EQ(rearms_left(stage, "suite"), 2);
    reimage_and_ask(stage);
    EXPECT_EQ(rearms_left(stage, "suite"), 2) << "a reimage does not refill them";
    EXPECT_EQ(stage.state("suite"), "extended_grace");
    EXPECT_EQ(days_left(stage, "suite"), 24);
}

TEST(Ledger, a_rearm_that_was_never_used_is_used_up_by_the_wiped_machine_once) {
    Stage stage;
    installed(stage).pass(hour);
    ASSERT_EQ(stage.post("/v1/products/suite/rearm").status, 200);
    stage.pass(hour);
    for (int wipe = 1; wipe <= 3; ++wipe) {
        reimage_and_ask(stage);
        EXPECT_EQ(rearms_left(stage, "suite"), 2);
        EXPECT_EQ(days_left(stage, "suite"), 29 - 9 * (wipe - 1)) << "wipe " << wipe;
        stage.pass(9 * day);
    }
    stage.pass(10 * day);
    reimage_and_ask(stage);
    EXPECT_EQ(stage.state("suite"), "notification");
}

TEST(Ledger, both_copies_restored_with_the_calendar_set_back_gain_a_week_at_most) {
    Stage stage;
    installed(stage).pass(hour);
    stage.back_up();
    stage.pass(28 * day);
    stage.clock.turn_wall(-28 * day);
    stage.restore();
    EXPECT_EQ(days_left(stage, "suite"), 29) << "nothing on the machine remembers";
    stage.pass(8 * day);
    EXPECT_EQ(stage.state("suite"), "notification") << "the key server does";
}

TEST(Ledger, a_granted_rearm_reaches_the_workstation_that_runs) {
    Stage stage;
    installed(stage).pass(hour);
    for (int rearm = 1; rearm <= 3; ++rearm) {
        ASSERT_EQ(stage.post("/v1/products/suite/rearm").status, 200);
        ASSERT_EQ(stage.post("/v1/products/suite/used").status, 200);
        stage.pass(31 * day);
    }
    EXPECT_EQ(stage.post("/v1/products/suite/rearm").code(), "rearm_exhausted");
    const auto ledgers = stage.vendor().admin("ledger", "list", {});
    const auto& ledger = ledgers.at("ledgers").as_array().at(0);
    stage.vendor().admin("machine", "grant-rearm",
                         {{"id", {std::string(ledger.at("id").as_string())}}});
    stage.pass(8 * day);
    EXPECT_EQ(rearms_left(stage, "suite"), 1);
    EXPECT_EQ(stage.post("/v1/products/suite/rearm").status, 200);
}

TEST(Ledger, ends_a_grace_that_was_used_up_before_the_reimage) {
    Stage stage;
    installed(stage).pass(40 * day);
    EXPECT_EQ(stage.state("suite"), "notification");
    reimage_and_ask(stage);
    EXPECT_EQ(stage.state("suite"), "notification");
}

TEST(Ledger, conceded_offline_a_fresh_grace_goes_when_the_key_server_is_back) {
    Stage stage;
    installed(stage).pass(20 * day);
    stage.vendor().reachable = false;
    reimage_and_ask(stage);
    EXPECT_EQ(days_left(stage, "suite"), 29) << "nothing here remembers";
    stage.vendor().reachable = true;
    stage.pass(2 * day);
    EXPECT_EQ(days_left(stage, "suite"), 7);
}

TEST(Ledger, C9_a_reimaged_lab_machine_starts_a_grace_of_its_own_within_its_yearly_bound) {
    Stage stage;
    installed(stage, "lab").pass(hour);
    for (int reimages = 1; reimages < 26; ++reimages) {
        stage.pass(9 * day);
        reimage_and_ask(stage);
        ASSERT_EQ(days_left(stage, "suite"), 29) << "after reimage " << reimages;
    }
    EXPECT_EQ(stage.product("suite").at("grace_ledger").at("graces_this_year"), 26);
    stage.pass(9 * day);
    reimage_and_ask(stage);
    EXPECT_EQ(days_left(stage, "suite"), 20) << "the twenty-seventh continues the one before";
}

}  // namespace
}  // namespace latchkey::scenario
