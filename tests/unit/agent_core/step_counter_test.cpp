// What a counter in the TPM's memory changes: rearms, and a grace that a wipe began anew.

#include "agent/core/carry_over.h"
#include "tests/unit/agent_core/world.h"

namespace latchkey::core {
namespace {

int target(const World& w) {
    for (const auto& effect : w.effects)
        if (const auto* raise = std::get_if<effect::RaiseCounter>(&effect)) return raise->target;
    return 0;
}

TEST(Counter, is_told_of_each_grace_once_it_was_read) {
    auto w = installed();
    EXPECT_EQ(target(w), 0) << "nobody asked for one";
    w << event::CounterRead{0};
    EXPECT_EQ(target(w), 1) << "the one that runs";
    w << event::CounterRead{1, true};
    EXPECT_EQ(target(w), 0);
    w << event::Rearm{};
    EXPECT_EQ(target(w), 2);
    EXPECT_EQ(rearms_left(w.state, w.policy), 2);
}

TEST(Counter, that_could_not_count_is_raised_after_the_next_start) {
    auto w = installed();
    w << event::CounterRead{0} << event::Tick{};
    w << event::CounterRead{0};
    EXPECT_EQ(target(w), 1);
    EXPECT_EQ(w.state.tpm->before, 0) << "and nothing was counted twice";
}

TEST(Counter, that_goes_no_further_is_not_told_again_at_once) {
    auto w = installed();
    w << event::CounterRead{0} << event::CounterRead{0, true};
    EXPECT_EQ(target(w), 0);
}

TEST(Counter, has_a_wipe_cost_a_rearm) {
    auto w = installed();
    w << event::CounterRead{1};
    EXPECT_EQ(w.status(), ProductStatus::initial_grace) << "the grace is conceded";
    EXPECT_EQ(rearms_left(w.state, w.policy), 2);
    EXPECT_EQ(target(w), 2);
    w << event::Rearm{} << event::FirstUse{} << event::Rearm{};
    EXPECT_EQ(rearms_left(w.state, w.policy), 0);
    w << event::FirstUse{} << event::Rearm{};
    EXPECT_EQ(w.refused->code, Code::rearm_exhausted);
}

TEST(Counter, ends_a_grace_that_a_wipe_began_when_all_are_used) {
    for (int before = 0; before <= 3; ++before) {
        auto w = installed();
        w << event::CounterRead{before};
        EXPECT_EQ(w.status(), ProductStatus::initial_grace) << before;
    }
    auto w = installed();
    w << event::CounterRead{4};
    EXPECT_EQ(w.status(), ProductStatus::notification);
    EXPECT_EQ(rearms_left(w.state, w.policy), 0);
    w << event::Tick{} << event::NetworkChanged{};
    EXPECT_EQ(w.status(), ProductStatus::notification);
    w << activation(kKey, 1, true);
    EXPECT_TRUE(has<effect::SendIntent>(w.effects)) << "activating is always open";
    w << answer(lease(w.now()));
    EXPECT_EQ(w.status(), ProductStatus::licensed);
}

TEST(Counter, is_silent_once_the_key_servers_ledger_spoke) {
    auto w = installed();
    w << event::CounterRead{4};
    ASSERT_EQ(w.status(), ProductStatus::notification);
    EXPECT_TRUE(w.state.ledger.ask_at) << "it is asked";
    w << ledger_answer(w, {.used = Days{10}}, false, 1);
    EXPECT_EQ(w.status(), ProductStatus::initial_grace);
    EXPECT_EQ(w.state.grace->ends_at, w.now() + 20 * day);
    EXPECT_EQ(rearms_left(w.state, w.policy), 2);
    w << event::CounterRead{w.state.tpm->counted};
    EXPECT_EQ(w.status(), ProductStatus::initial_grace) << "what it says is no news";
}

TEST(Counter, tells_the_ledger_no_rearm_that_only_it_knows_of) {
    auto w = installed();
    w << event::CounterRead{2};
    EXPECT_EQ(ledger_report(w.state, w.now()).rearms_used, 0);
    w << event::CounterRead{9};
    ASSERT_EQ(w.status(), ProductStatus::notification);
    EXPECT_EQ(ledger_report(w.state, w.now()).grace.used, seconds{0}) << "nor any time";
}

TEST(Counter, of_a_lab_machine_counts_and_takes_nothing) {
    auto w = installed();
    w.policy.role = Role::lab;
    w << event::CounterRead{20};
    EXPECT_EQ(w.status(), ProductStatus::initial_grace);
    EXPECT_EQ(rearms_left(w.state, w.policy), w.policy.rearms);
    EXPECT_EQ(target(w), 21);
}

TEST(Counter, touches_no_license) {
    auto w = licensed();
    w << event::CounterRead{20};
    EXPECT_EQ(w.status(), ProductStatus::licensed);
}

TEST(Counter, that_was_cleared_or_is_another_tpms_is_raised_to_what_the_row_knows) {
    auto w = installed();
    w << event::CounterRead{0} << event::CounterRead{1, true} << event::Rearm{};
    w << event::CounterRead{0};
    EXPECT_EQ(target(w), 2);
    EXPECT_EQ(rearms_left(w.state, w.policy), 2);
}

TEST(Counter, that_another_installation_counted_on_costs_here_too) {
    auto w = installed();
    w << event::CounterRead{0} << event::CounterRead{1, true};
    w << event::CounterRead{2};
    EXPECT_EQ(rearms_left(w.state, w.policy), 2);
    EXPECT_EQ(target(w), 0);
}

TEST(Counter, of_another_machine_is_not_carried_over) {
    auto w = licensed();
    w << event::CounterRead{3};
    EXPECT_FALSE(carried_over(w.state)->tpm);
}

}  // namespace
}  // namespace latchkey::core
