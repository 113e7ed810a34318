// Does a reinstallation count? The rules of the licensing documents, with the shipped programs on
// machines whose parts change.

#include "tests/e2e/story.h"

namespace latchkey::e2e {
namespace {

class Counting : public Story {
protected:
    /// Activates for the first time: 1 of 10 is used.
    void activate_first(const std::string& program) {
        granted = grant(server, "editor", program, 10);
        agent.start();
        const auto answer = agent.activate("editor", granted.key);
        ASSERT_EQ(number_at(answer, "counted"), 1);
        ASSERT_EQ(server.use(granted.entitlement), (Use{1, 10}));
    }

    /// What `explain` foretells and `activate` does now must be the same number.
    void expect_next_activation_uses(int count) {
        const auto key_file = world.write("explain.key", granted.key);
        const auto foretold =
            agent.ask({"explain", "--product", "editor", "--key-file", key_file.string()});
        EXPECT_EQ(number_at(foretold, "would_use"), count);
        EXPECT_FALSE(at(foretold, "reasons").as_array().empty());
        const auto before = server.use(granted.entitlement);
        const auto answer = agent.activate("editor", granted.key, 0, {"--accept-count"});
        EXPECT_EQ(number_at(answer, "counted"), count);
        EXPECT_FALSE(at(answer, "decision.reasons").as_array().empty());
        const Use after{before.used + count, before.limit};
        EXPECT_EQ(server.use(granted.entitlement), after);
        EXPECT_EQ(known_use(), after);
        EXPECT_EQ(state_of(), "licensed");
    }

    Grant granted;
};

TEST_F(Counting, C1_first_activation_spends_one_and_status_shows_all_of_it) {
    activate_first("action-pack");
    const auto status = agent.status();
    EXPECT_THAT(contract_breaches(status, "status.schema.json"), testing::IsEmpty());
    const auto product = agent.product("editor");
    EXPECT_EQ(text_at(product, "name"), "Contoso Editor");
    EXPECT_EQ(text_at(product, "state"), "licensed");
    EXPECT_EQ(number_at(product, "state_code"), 1);
    EXPECT_EQ(text_at(product, "key_last5"), granted.key.substr(granted.key.size() - 5));
    EXPECT_EQ(text_at(product, "program"), "action-pack");
    EXPECT_EQ(text_at(product, "counting_rule"), "any-change");
    EXPECT_EQ(number_at(product, "activations.used"), 1);
    EXPECT_EQ(number_at(product, "activations.limit"), 10);
    EXPECT_EQ(number_at(product, "activations.left"), 9);
    EXPECT_EQ(number_at(product, "last_decision.counted"), 1);
    EXPECT_EQ(text_at(product, "last_attempt.outcome"), "ok");
    EXPECT_TRUE(at(product, "grace").is_null() || at(product, "grace.ends_at").is_null());
}

TEST_F(Counting, C1_twin_of_the_same_model_counts) {
    activate_first("ai-cloud");
    agent.stop();
    Agent twin(world, Machine::twin(), "twin");
    twin.know(server, "editor");
    twin.start();
    const auto answer = twin.activate("editor", granted.key, 0, {"--accept-count"});
    EXPECT_EQ(number_at(answer, "counted"), 1);
    EXPECT_EQ(server.use(granted.entitlement), (Use{2, 10}));
}

TEST_F(Counting, C2_reimage_is_free_under_significant_change) {
    activate_first("ai-cloud");
    agent.reimage();
    EXPECT_EQ(state_of(), "initial_grace");
    expect_next_activation_uses(0);
}

TEST_F(Counting, C2_new_network_card_is_free_under_significant_change) {
    activate_first("ai-cloud");
    auto changed = agent.machine;
    changed.mac = "00:1b:21:aa:bb:01";
    agent.become(changed);
    agent.reimage();
    expect_next_activation_uses(0);
}

TEST_F(Counting, C2_new_disk_is_free_under_significant_change) {
    activate_first("ai-cloud");
    auto changed = agent.machine;
    changed.disk = "S5GXNX0T777777";
    agent.become(changed);
    agent.reimage();
    expect_next_activation_uses(0);
}

TEST_F(Counting, C3_new_main_board_counts_under_significant_change) {
    activate_first("ai-cloud");
    agent.become(agent.machine.with_new_board());
    agent.reimage();
    expect_next_activation_uses(1);
}

TEST_F(Counting, C3_new_main_board_under_the_old_network_card_counts_too) {
    activate_first("ai-cloud");
    auto changed = agent.machine.with_new_board();
    changed.mac = agent.machine.mac;
    agent.become(changed);
    agent.reimage();
    expect_next_activation_uses(1);
}

TEST_F(Counting, C4_reimage_is_free_under_any_change) {
    activate_first("action-pack");
    agent.reimage();
    expect_next_activation_uses(0);
}

TEST_F(Counting, C5_new_network_card_counts_under_any_change) {
    activate_first("action-pack");
    auto changed = agent.machine;
    changed.mac = "00:1b:21:aa:bb:01";
    agent.become(changed);
    agent.reimage();
    expect_next_activation_uses(1);
}

TEST_F(Counting, C6_reimage_counts_under_every_activation) {
    activate_first("competency");
    agent.reimage();
    expect_next_activation_uses(1);
}

TEST_F(Counting, C7_limit_reached_is_refused_and_the_state_kept) {
    granted = grant(server, "editor", "competency", 1);
    agent.start();
    agent.activate("editor", granted.key);
    agent.reimage();
    const auto refused = agent.activate("editor", granted.key, 10, {"--accept-count"});
    expect_problem(refused, "activation_limit_reached");
    EXPECT_EQ(text_at(refused, "error.title"),
              "You have reached the maximum number of activations for this product key.");
    EXPECT_EQ(server.use(granted.entitlement), (Use{1, 1}));
    EXPECT_EQ(state_of(), "initial_grace");
    EXPECT_EQ(text_at(agent.product("editor"), "last_attempt.code"), "activation_limit_reached");
}

TEST_F(Counting, C7_limit_reached_leaves_a_license_as_it_is) {
    granted = grant(server, "editor", "competency", 1);
    agent.start();
    agent.activate("editor", granted.key);
    expect_problem(agent.activate("editor", granted.key, 10, {"--accept-count"}),
                   "activation_limit_reached");
    EXPECT_EQ(state_of(), "licensed");
}

TEST_F(Counting, C8_license_quantity_and_activation_limit_are_different_numbers) {
    granted = grant(server, "editor", "ai-cloud", 25);
    agent.start();
    agent.activate("editor", granted.key);
    const auto product = agent.product("editor");
    EXPECT_EQ(number_at(product, "license_quantity"), 10);
    EXPECT_EQ(number_at(product, "activations.limit"), 25);
}

TEST_F(Counting, C9_lab_machine_spends_nothing_and_says_why) {
    granted = grant(server, "editor", "ai-cloud", 10);
    agent.role = "lab";
    agent.start();
    expect_problem(agent.activate("editor", granted.key, 11), "lab_mode");
    EXPECT_EQ(server.use(granted.entitlement), (Use{0, 10}));
    EXPECT_EQ(state_of(), "initial_grace");
    EXPECT_EQ(text_at(agent.status(), "agent.role"), "lab");
}

TEST_F(Counting, too_little_evidence_spends_only_with_an_administrators_word) {
    granted = grant(server, "editor", "ai-cloud", 10);
    agent.machine = Machine::nameless();
    agent.start();
    EXPECT_EQ(text_at(agent.status(), "machine.evidence"), "weak");
    expect_problem(agent.activate("editor", granted.key, 11), "evidence_insufficient");
    EXPECT_EQ(server.use(granted.entitlement), (Use{0, 10}));
    const auto answer = agent.activate("editor", granted.key, 0, {"--accept-count"});
    EXPECT_EQ(number_at(answer, "counted"), 1);
}

}  // namespace
}  // namespace latchkey::e2e
