// One machine's life with several products: publishers side by side, rearm, deactivate, restart.

#include <boost/json/serialize.hpp>

#include "tests/e2e/story.h"

namespace latchkey::e2e {
namespace {

class Lifecycle : public Story {
protected:
    /// A rearm's timer stands until the product is used; then the next rearm has something to
    /// restart.
    void rearm_and_use() const {
        agent.ask({"rearm", "--product", "editor"});
        const auto used = run({{"curl", "-s", "--unix-socket", agent.socket().string(), "-X",
                                "POST", "http://localhost/v1/products/editor/used"},
                               {},
                               {}});
        ASSERT_EQ(used.exit_code, 0) << used.err;
    }
};

TEST_F(Lifecycle, three_products_of_two_publishers_live_side_by_side) {
    KeyServer fabrikam(world, "fabrikam");
    server.add_product("designer", "Contoso Designer");
    fabrikam.add_product("solver", "Fabrikam Solver");
    agent.know(server, "designer");
    agent.know(fabrikam, "solver");
    const auto editor = grant(server, "editor", "ai-cloud", 5);
    const auto designer = grant(server, "designer", "action-pack", 6);
    const auto solver = grant(fabrikam, "solver", "competency", 7);
    agent.start();
    agent.activate("editor", editor.key);
    agent.activate("designer", designer.key);
    agent.activate("solver", solver.key);
    const auto status = agent.status();
    EXPECT_THAT(contract_breaches(status, "status.schema.json"), testing::IsEmpty());
    EXPECT_EQ(at(status, "products").as_array().size(), 3U);
    EXPECT_EQ(known_use("editor"), (Use{1, 5}));
    EXPECT_EQ(known_use("designer"), (Use{1, 6}));
    EXPECT_EQ(known_use("solver"), (Use{1, 7}));
    EXPECT_EQ(fabrikam.use(solver.entitlement), (Use{1, 7}));
    // One publisher's server going away leaves the other's products alone.
    fabrikam.kill();
    EXPECT_EQ(number_at(agent.activate("editor", editor.key), "counted"), 0);
    EXPECT_EQ(state_of("solver"), "licensed");
}

TEST_F(Lifecycle, a_licensed_machine_stays_licensed_over_a_restart_without_network) {
    const auto granted = grant(server, "editor", "ai-cloud", 10);
    agent.start();
    agent.activate("editor", granted.key);
    server.stop();
    agent.restart();
    EXPECT_EQ(state_of(), "licensed");
    const auto check = agent.cli({"check"});
    EXPECT_EQ(check.exit_code, 0) << check.out;
    EXPECT_NE(check.out.find('|'), std::string::npos) << "perfdata: " << check.out;
}

TEST_F(Lifecycle, a_rearm_of_a_licensed_product_is_refused_by_policy) {
    const auto granted = grant(server, "editor", "ai-cloud", 10);
    agent.start();
    agent.activate("editor", granted.key);
    expect_problem(agent.ask({"rearm", "--product", "editor"}, 11), "no_grace_period");
}

TEST_F(Lifecycle, check_warns_in_grace) {
    agent.start();
    const auto check = agent.cli({"check", "--product", "editor"});
    EXPECT_EQ(check.exit_code, 1) << check.out;
}

TEST_F(Lifecycle, deactivate_ends_the_license_and_gives_no_activation_back) {
    const auto granted = grant(server, "editor", "ai-cloud", 10);
    agent.start();
    agent.activate("editor", granted.key);
    agent.ask({"deactivate", "--product", "editor"});
    EXPECT_EQ(state_of(), "unlicensed");
    EXPECT_EQ(server.use(granted.entitlement), (Use{1, 10}));
    const auto again = agent.activate("editor", granted.key, 0, {"--accept-count"});
    EXPECT_EQ(number_at(again, "counted"), 1) << "a released record's next activation counts";
}

TEST_F(Lifecycle, a_release_that_never_left_the_machine_is_shown_and_taken_back) {
    const auto granted = grant(server, "editor", "competency", 10);
    agent.start();
    agent.activate("editor", granted.key);
    server.stop();
    agent.ask({"deactivate", "--product", "editor"}, 75);
    EXPECT_THAT(contract_breaches(agent.status(), "status.schema.json"), testing::IsEmpty());
    EXPECT_EQ(text_at(agent.product("editor"), "pending_request.kind"), "release");
    EXPECT_THAT(agent.cli({"status"}).out, testing::HasSubstr("gives the license up"));
    const auto kept = agent.cli({"activate", "--product", "editor"});
    EXPECT_EQ(kept.exit_code, 0) << kept.err;
    EXPECT_THAT(kept.out, testing::HasSubstr("taken back"));
    server.start();
    EXPECT_EQ(state_of(), "licensed");
    EXPECT_EQ(server.use(granted.entitlement), (Use{1, 10}));
}

TEST_F(Lifecycle, rearm_restarts_grace_until_none_is_left) {
    agent.start();
    for (int left = 2; left >= 0; --left) {
        rearm_and_use();
        const auto product = agent.product("editor");
        EXPECT_EQ(text_at(product, "state"), "extended_grace");
        EXPECT_EQ(number_at(product, "grace.rearms_left"), left);
    }
    expect_problem(agent.ask({"rearm", "--product", "editor"}, 11), "rearm_exhausted");
}

TEST_F(Lifecycle, a_lost_state_directory_does_not_refill_rearms) {
    agent.start();
    rearm_and_use();
    rearm_and_use();
    agent.stop();
    fs::remove_all(agent.state_dir());
    agent.start();
    EXPECT_EQ(number_at(agent.product("editor"), "grace.rearms_left"), 1)
        << "the second copy remembers";
}

TEST_F(Lifecycle, history_tells_what_was_decided) {
    const auto granted = grant(server, "editor", "action-pack", 10);
    agent.start();
    agent.activate("editor", granted.key);
    const auto history = agent.ask({"history", "--product", "editor"});
    const auto text = boost::json::serialize(history);
    EXPECT_NE(text.find("activated"), std::string::npos) << text;
    EXPECT_EQ(text.find(granted.key), std::string::npos);
}

TEST_F(Lifecycle, hardware_of_the_chosen_machine_is_captured_and_hidden_unless_revealed) {
    auto command = agent.command();
    command.argv.resize(2);
    for (const auto& word : {program("latchkey"), std::string("hwid"), std::string("show")})
        command.argv.push_back(word);
    const auto hidden = run(command);
    EXPECT_EQ(hidden.exit_code, 0) << hidden.err;
    EXPECT_NE(hidden.out.find("System UUID"), std::string::npos) << hidden.out;
    EXPECT_EQ(hidden.out.find(agent.machine.serial), std::string::npos) << hidden.out;
    command.argv.push_back("--reveal");
    const auto revealed = run(command);
    EXPECT_NE(revealed.out.find(agent.machine.serial), std::string::npos) << revealed.out;
}

}  // namespace
}  // namespace latchkey::e2e
