// Keys, tokens and products: what is recognised without the network, and what the key server says
// no to.

#include "base/time.h"
#include "licensing/product_key.h"
#include "tests/e2e/story.h"

namespace latchkey::e2e {
namespace {

class Keys : public Story {
protected:
    /// One symbol of the key's group (1 to 5) replaced by another.
    static std::string mistyped(std::string key, std::size_t group) {
        auto& symbol = key.at((group - 1) * 6 + 2);
        symbol = symbol == 'A' ? 'B' : 'A';
        return key;
    }

    void expect_nothing_spent(const Grant& granted, int limit = 10) const {
        EXPECT_EQ(server.use(granted.entitlement), (Use{0, limit}));
        EXPECT_EQ(state_of(), "initial_grace");
    }
};

TEST_F(Keys, K1_a_mistyped_key_is_named_without_any_network) {
    const auto granted = grant(server, "editor", "ai-cloud", 10);
    agent.start();
    server.stop();
    const auto refused = agent.activate("editor", mistyped(granted.key, 3), 12);
    expect_problem(refused, "key_malformed");
    EXPECT_TRUE(at(agent.product("editor"), "last_attempt").is_null());
    EXPECT_EQ(text_at(refused, "error.detail").find(granted.key.substr(0, 5)), std::string::npos)
        << "a key is never repeated in an error";
}

TEST_F(Keys, K1_a_symbol_that_no_key_holds_is_found_in_its_group) {
    agent.start();
    server.stop();
    const auto refused = agent.activate("editor", "AAAAA-AAAAA-AAUAA-AAAAA-AAAAA", 12);
    expect_problem(refused, "key_malformed");
    EXPECT_NE(text_at(refused, "error.detail").find('3'), std::string::npos)
        << text_at(refused, "error.detail");
}

TEST_F(Keys, K2_a_token_is_recognised_without_any_network) {
    const auto token = licensing::ProductKey::make(licensing::KeyKind::token, 7, {1, 2, 3, 4, 5});
    agent.start();
    server.stop();
    const auto refused = agent.activate("editor", token.text(), 12);
    expect_problem(refused, "token_not_key");
    EXPECT_NE(text_at(refused, "error.remedy").find("latchkey redeem"), std::string::npos);
    EXPECT_TRUE(at(agent.product("editor"), "last_attempt").is_null());
}

TEST_F(Keys, K4_an_unknown_key_is_refused_by_the_key_server) {
    const auto granted = grant(server, "editor", "ai-cloud", 10);
    const auto group = licensing::ProductKey::parse(granted.key)->group();
    const auto made_up =
        licensing::ProductKey::make(licensing::KeyKind::product_key, group, {9, 8, 7, 6, 5});
    agent.start();
    const auto refused = agent.activate("editor", made_up.text(), 10);
    expect_problem(refused, "key_unknown");
    EXPECT_EQ(state_of(), "initial_grace");
}

TEST_F(Keys, K5_activate_by_has_passed) {
    Grant granted;
    const auto end = before_an_end([&](const std::string& activate_by) {
        granted = grant(server, "editor", "ai-cloud", 10, {"--activate-by", activate_by});
    });
    agent.start();
    wait_for([&] { return std::chrono::system_clock::now() >= end; });
    expect_problem(agent.activate("editor", granted.key, 10), "activate_by_passed");
    expect_nothing_spent(granted);
}

TEST_F(Keys, K6_a_key_that_excludes_this_platform_spends_nothing) {
    server.add_product("designer", "Contoso Designer", {"--exclude-platform", "linux"});
    agent.know(server, "designer");
    const auto granted = grant(server, "designer", "ai-cloud", 10);
    agent.start();
    const auto refused = agent.activate("designer", granted.key, 10);
    expect_problem(refused, "platform_excluded");
    EXPECT_EQ(server.use(granted.entitlement), (Use{0, 10}));
}

TEST_F(Keys, K7_a_product_that_needs_no_activation_says_so) {
    server.add_product("cal", "Contoso Client Access", {"--no-activation"});
    agent.know(server, "cal");
    const auto granted = grant(server, "editor", "ai-cloud", 10);
    agent.start();
    const auto product = agent.product("cal");
    EXPECT_EQ(text_at(product, "state"), "not_required");
    EXPECT_TRUE(at(product, "state_code").is_null());
    const auto refused = agent.activate("cal", granted.key, 11);
    expect_problem(refused, "activation_not_required");
    EXPECT_NE(text_at(refused, "error.title").find("No further details available"),
              std::string::npos);
    EXPECT_EQ(agent.cli({"check", "--product", "cal"}).exit_code, 0);
    EXPECT_THAT(contract_breaches(agent.status(), "status.schema.json"), testing::IsEmpty());
}

TEST_F(Keys, a_key_of_another_product_is_refused_without_spending) {
    server.add_product("designer", "Contoso Designer");
    agent.know(server, "designer");
    const auto granted = grant(server, "designer", "ai-cloud", 10);
    agent.start();
    expect_problem(agent.activate("editor", granted.key, 12), "key_wrong_product");
    EXPECT_EQ(server.use(granted.entitlement), (Use{0, 10}));
}

TEST_F(Keys, a_key_on_the_command_line_works_but_warns) {
    const auto granted = grant(server, "editor", "ai-cloud", 10);
    agent.start();
    const auto done = agent.cli({"activate", "--product", "editor", "--key", granted.key});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_NE(done.err.find("--key-file"), std::string::npos) << done.err;
    EXPECT_EQ(done.out.find(granted.key), std::string::npos);
}

TEST_F(Keys, secrets_appear_in_no_log) {
    const auto granted = grant(server, "editor", "ai-cloud", 10);
    agent.start();
    agent.activate("editor", granted.key);
    agent.stop();
    const auto squeezed = granted.key.substr(0, 5) + granted.key.substr(6, 5);
    for (const auto* log : {"agent.log", "contoso.log"}) {
        const auto text = read_file(world.path(log));
        EXPECT_EQ(text.find(granted.key), std::string::npos) << log;
        EXPECT_EQ(text.find(squeezed), std::string::npos) << log;
        EXPECT_EQ(text.find(agent.machine.disk), std::string::npos) << log;
        EXPECT_EQ(text.find(agent.machine.uuid), std::string::npos) << log;
    }
}

}  // namespace
}  // namespace latchkey::e2e
