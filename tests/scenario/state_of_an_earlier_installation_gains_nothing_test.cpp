// A backup from before the machine was installed anew is put into the present installation. The
// second copy tells of the installation that lives here; what it knew counts on, however the two
// installations' clocks stood, and days that were used are not given twice.

#include "tests/fakes/copy_folder.h"
#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

class EarlierInstallation : public testing::Test {
protected:
    /// Installed anew, with a backup of the state from before. Nobody can be asked.
    void SetUp() override {
        stage_.vendor().reachable = false;
        stage_.vendor().add_product("suite");
        stage_.install("suite");
        stage_.pass(25 * day);
        stage_.while_off([](store::Store&) {});
        fakes::copy_folder(stage_.folder() / "state", backup());
        stage_.pass(day);
        stage_.reimage();
    }

    std::filesystem::path backup() { return stage_.folder() / "backup"; }

    Stage stage_;
};

TEST_F(EarlierInstallation, put_back_the_grace_goes_on_where_it_was) {
    stage_.pass(2 * day);
    ASSERT_EQ(days_left(stage_, "suite"), 28);
    stage_.put_back_state(backup());
    stage_.pass(hour);
    EXPECT_EQ(stage_.state("suite"), "initial_grace") << "the backup's own grace is long over";
    EXPECT_EQ(days_left(stage_, "suite"), 27) << "28, less the hour";
    stage_.pass(28 * day);
    EXPECT_EQ(stage_.state("suite"), "notification");
}

TEST_F(EarlierInstallation, put_back_into_one_whose_clock_was_far_ahead_gains_nothing) {
    stage_.pass(2 * day);
    stage_.clock.turn_wall(40 * day);
    stage_.reboot();
    EXPECT_EQ(stage_.state("suite"), "notification") << "the calendar says that it is over";
    ASSERT_EQ(stage_.post("/v1/products/suite/rearm").status, 200);
    ASSERT_EQ(stage_.post("/v1/products/suite/used").status, 200);
    stage_.clock.turn_wall(-40 * day);
    stage_.pass(20 * day);
    ASSERT_EQ(days_left(stage_, "suite"), 10);
    stage_.put_back_state(backup());
    stage_.pass(hour);
    EXPECT_EQ(stage_.state("suite"), "extended_grace");
    EXPECT_EQ(days_left(stage_, "suite"), 9) << "the clock is right again, and the grace no longer";
    EXPECT_EQ(rearms_left(stage_, "suite"), 2);
    stage_.pass(10 * day);
    EXPECT_EQ(stage_.state("suite"), "notification");
}

}  // namespace
}  // namespace latchkey::scenario
