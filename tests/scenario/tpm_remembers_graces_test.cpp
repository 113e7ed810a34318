// A wiped machine that reaches no key server has a fresh grace conceded, because nothing on it
// remembers. With tpm_counter = true something does, in a real TPM in software here: a wipe costs a
// rearm, until the key server's own ledger is reached.

#include "tests/fakes/tpm_simulator.h"
#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

class RememberingTpm : public testing::Test {
protected:
    RememberingTpm() {
        std::filesystem::create_directories(stage.folder() / "tpm");
        tpm = std::make_unique<fakes::TpmSimulator>(stage.folder() / "tpm");
        stage.vendor().reachable = false;
        stage.vendor().add_product("suite");
        stage.configure("[agent]\ntpm_counter = true\n");
        stage.fit(platform::tpm_counter_of([this] { return tpm->open(); }, fakes::kAmplePatience));
        stage.install("suite");
    }
    std::string counter() {
        const auto status = stage.get("/v1/status");
        const auto& counter = status.at("machine").at("tpm").at("counter");
        return counter.is_null() ? "none" : std::string(counter.at("outcome").as_string());
    }

    Stage stage;
    std::unique_ptr<fakes::TpmSimulator> tpm;
};

TEST_F(RememberingTpm, has_each_wipe_offline_cost_a_rearm_until_none_is_left) {
    EXPECT_EQ(counter(), "kept");
    EXPECT_EQ(rearms_left(stage, "suite"), 3);
    for (int left = 2; left >= 0; --left) {
        stage.pass(20 * day);
        stage.reimage();
        EXPECT_EQ(stage.state("suite"), "initial_grace");
        EXPECT_EQ(days_left(stage, "suite"), 30) << "a fresh grace is conceded";
        EXPECT_EQ(rearms_left(stage, "suite"), left);
    }
    stage.reimage();
    EXPECT_EQ(stage.state("suite"), "notification") << "and this one is not";
    EXPECT_EQ(stage.post("/v1/products/suite/rearm").code(), "rearm_exhausted");
}

TEST_F(RememberingTpm, is_left_alone_where_the_configuration_says_so) {
    stage.configure("[agent]\ntpm = \"off\"\ntpm_counter = true\n");
    EXPECT_EQ(counter(), "none");
    stage.reimage();
    EXPECT_EQ(rearms_left(stage, "suite"), 3) << "nothing remembered";
}

TEST_F(RememberingTpm, costs_nothing_over_restarts) {
    for (int i = 0; i < 5; ++i) stage.reboot();
    EXPECT_EQ(rearms_left(stage, "suite"), 3);
    EXPECT_EQ(stage.state("suite"), "initial_grace");
}

TEST_F(RememberingTpm, counts_a_lost_state_that_the_second_copy_brings_back_only_once) {
    std::filesystem::remove_all(stage.folder() / "state");
    stage.restart();
    EXPECT_EQ(rearms_left(stage, "suite"), 3);
}

TEST_F(RememberingTpm, adds_up_with_the_rearms_that_were_used) {
    EXPECT_EQ(stage.post("/v1/products/suite/rearm").status, 200);
    stage.quiet();
    stage.reimage();
    EXPECT_EQ(rearms_left(stage, "suite"), 1) << "two graces were had before this one";
}

TEST_F(RememberingTpm, is_silent_once_the_key_server_spoke) {
    stage.pass(20 * day);
    stage.vendor().reachable = true;
    stage.change_network();
    stage.pass(hour);
    stage.reimage();
    EXPECT_EQ(rearms_left(stage, "suite"), 2);
    stage.pass(hour);
    EXPECT_EQ(stage.state("suite"), "initial_grace");
    EXPECT_LE(days_left(stage, "suite"), 10) << "the grace goes on where it was";
    EXPECT_EQ(rearms_left(stage, "suite"), 3) << "so the wipe need cost nothing";
}

TEST_F(RememberingTpm, that_was_swapped_or_cleared_is_as_if_it_never_had_been) {
    stage.pass(20 * day);
    std::filesystem::create_directories(stage.folder() / "other tpm");
    tpm = std::make_unique<fakes::TpmSimulator>(stage.folder() / "other tpm");
    stage.reimage();
    EXPECT_EQ(rearms_left(stage, "suite"), 3);
    EXPECT_EQ(days_left(stage, "suite"), 30);
    EXPECT_EQ(counter(), "kept");
}

TEST_F(RememberingTpm, that_refuses_changes_nothing_and_is_said) {
    stage.fit(platform::tpm_counter_of(
        []() -> platform::TpmResult<platform::UniqueFd> {
            return tl::unexpected(platform::TpmTrouble{platform::TpmFailure::hierarchy_locked, {}});
        },
        fakes::kAmplePatience));
    stage.reimage();
    EXPECT_EQ(stage.state("suite"), "initial_grace");
    EXPECT_EQ(rearms_left(stage, "suite"), 3);
    EXPECT_EQ(counter(), "hierarchy_locked");
    EXPECT_EQ(stage.get("/v1/status").at("agent").at("health").as_array().size(), 0u);
}

TEST_F(RememberingTpm, is_asked_where_the_configuration_wants_it_alone) {
    stage.configure("");
    stage.reimage();
    EXPECT_EQ(counter(), "none");
    EXPECT_EQ(rearms_left(stage, "suite"), 3);
}

}  // namespace
}  // namespace latchkey::scenario
