// Configuration that cannot be right: exit 78 at the first start, the last good one afterwards;
// always with file, line and key.

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <fstream>

#include "tests/e2e/story.h"

namespace latchkey::e2e {
namespace {

class Configuration : public Story {
protected:
    /// With this line under [organization] the start fails as a configuration error that names the
    /// file, the line and the key.
    void expect_refused(const std::string& key, const std::string& toml) {
        agent.write_config();
        const auto text = read_file(agent.config_file());
        const auto line = std::to_string(std::count(text.begin(), text.end(), '\n') + 2);
        agent.extra_config = "[organization]\n" + toml + "\n";
        agent.write_config();
        const auto done = agent.start_and_fail();
        const auto said = done.out + done.err;
        EXPECT_EQ(done.exit_code, 78) << said;
        EXPECT_NE(said.find("start the agent again"), std::string::npos) << said;
        EXPECT_NE(said.find(agent.config_file().string() + ":" + line), std::string::npos) << said;
        EXPECT_NE(said.find(key), std::string::npos) << said;
        EXPECT_FALSE(fs::exists(agent.state_dir())) << "nothing was made yet";
    }
};

TEST_F(Configuration, an_unknown_key_is_refused_with_file_and_line) {
    expect_refused("colour", "colour = \"blue\"");
}

TEST_F(Configuration, a_value_out_of_bounds_is_refused_with_file_and_line) {
    expect_refused("country", "country = \"Atlantis\"");
}

TEST_F(Configuration, an_unknown_word_is_refused_at_the_first_start) {
    agent.role = "laboratory";
    agent.write_config();
    const auto done = agent.start_and_fail();
    EXPECT_EQ(done.exit_code, 78) << done.err;
    EXPECT_NE((done.out + done.err).find("role"), std::string::npos) << done.err;
}

TEST_F(Configuration, a_bad_reload_keeps_the_last_good_configuration) {
    const auto granted = grant(server, "editor", "ai-cloud", 10);
    agent.start();
    agent.role = "somewhere";
    agent.write_config();
    const auto refused = agent.ask({"reload"}, 78);
    expect_problem(refused, "config_invalid");
    EXPECT_NE(text_at(refused, "error.detail").find("agent.toml"), std::string::npos);
    EXPECT_EQ(text_at(agent.status(), "agent.role"), "workstation");
    EXPECT_EQ(number_at(agent.activate("editor", granted.key), "counted"), 1);
}

TEST_F(Configuration, a_reload_takes_a_new_role_and_a_new_product) {
    const auto granted = grant(server, "editor", "ai-cloud", 10);
    agent.start();
    server.add_product("designer", "Contoso Designer");
    agent.know(server, "designer");
    agent.role = "lab";
    agent.write_config();
    agent.ask({"reload"});
    EXPECT_EQ(text_at(agent.status(), "agent.role"), "lab");
    EXPECT_EQ(state_of("designer"), "initial_grace");
    expect_problem(agent.activate("editor", granted.key, 11), "lab_mode");
}

TEST_F(Configuration, a_missing_ca_file_is_told_everywhere_and_stops_nobody) {
    const auto granted = grant(server, "editor", "ai-cloud", 10);
    const auto missing = world.path("ca-that-comes-later.pem");
    agent.know_at(server, "editor", server.url(), missing);
    agent.write_config();
    const Words check{program("latchkeyd"), "check-config", "--config",
                      agent.config_file().string()};
    const auto checked = run({check, {}, {}});
    EXPECT_EQ(checked.exit_code, 78) << checked.out;
    for (const auto& words : {agent.config_file().string() + ":", std::string("ca_file"),
                              missing.string(), std::string("No such file")})
        EXPECT_NE(checked.err.find(words), std::string::npos) << checked.err;

    agent.start();
    EXPECT_NE(agent.process().log_text().find(missing.string()), std::string::npos);
    const auto health = [&] { return boost::json::serialize(at(agent.status(), "agent.health")); };
    EXPECT_NE(health().find("config_invalid"), std::string::npos) << health();
    EXPECT_NE(health().find("PEM, readable for the agent"), std::string::npos) << health();
    EXPECT_THAT(contract_breaches(agent.status(), "status.schema.json"), testing::IsEmpty());
    const auto refused = agent.activate("editor", granted.key, 78);
    expect_problem(refused, "config_invalid");
    EXPECT_NE(text_at(refused, "error.detail").find(missing.string()), std::string::npos);
    EXPECT_EQ(text_at(agent.product("editor"), "last_attempt.code"), "config_invalid");

    fs::copy_file(server.ca_file(), missing);
    EXPECT_EQ(run({check, {}, {}}).exit_code, 0);
    EXPECT_EQ(number_at(agent.activate("editor", granted.key), "counted"), 1);
    EXPECT_EQ(health().find("config_invalid"), std::string::npos) << health();
}

TEST_F(Configuration, a_reload_warns_of_a_ca_file_that_holds_no_certificate) {
    agent.start();
    agent.know_at(server, "editor", server.url(), world.write("empty.pem", "nothing\n"));
    agent.write_config();
    const auto warned = boost::json::serialize(agent.ask({"reload"}));
    EXPECT_NE(warned.find("empty.pem: it holds no certificate"), std::string::npos) << warned;
}

TEST_F(Configuration, a_tampered_manifest_is_not_believed) {
    const auto file = agent.products_dir() / "contoso.editor.jws";
    auto text = read_file(file);
    auto& symbol = text.at(text.size() / 2);
    symbol = symbol == 'A' ? 'B' : 'A';
    write_file(file, text);
    agent.start();
    const auto status = agent.status();
    EXPECT_EQ(at(status, "products").as_array().size(), 0U);
    const auto health = boost::json::serialize(at(status, "agent.health"));
    EXPECT_NE(health.find("manifest_invalid"), std::string::npos) << health;
}

TEST_F(Configuration, an_unknown_product_is_named) {
    agent.start();
    const auto refused = agent.activate("nosuch", grant(server, "editor", "ai-cloud", 1).key, 78);
    expect_problem(refused, "product_unknown");
}

TEST_F(Configuration, a_proof_that_no_tpm_can_give_stops_no_activation_and_is_said) {
    if (fs::exists("/sys/class/tpm/tpm0")) GTEST_SKIP() << "this machine has a TPM";
    const auto granted = grant(server, "editor", "ai-cloud", 10);
    agent.write_config();
    const auto more = agent.config_file().parent_path() / "agent.d";
    fs::create_directories(more);
    std::ofstream(more / "tpm.toml") << "[agent]\ntpm = \"proof\"\ntpm_counter = true\n";
    agent.start();
    EXPECT_EQ(number_at(agent.activate("editor", granted.key), "counted"), 1);
    const auto status = agent.status();
    EXPECT_THAT(contract_breaches(status, "status.schema.json"), testing::IsEmpty());
    EXPECT_EQ(text_at(status, "machine.tpm.use"), "proof");
    EXPECT_EQ(text_at(status, "machine.tpm.last_proof.outcome"), "absent");
    EXPECT_EQ(text_at(status, "machine.tpm.counter.outcome"), "absent");
    EXPECT_EQ(text_at(status, "overall"), "ok");
    EXPECT_EQ(text_at(agent.product("editor"), "last_decision.continuity"), "none");
}

}  // namespace
}  // namespace latchkey::e2e
