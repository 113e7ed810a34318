// Keys are rotated under a running server, over real TLS: agents go on, receipts stay good, and
// whoever has the public documents can verify them.

#include <boost/json/serialize.hpp>

#include "tests/e2e/story.h"

namespace latchkey::e2e {
namespace {

class Rotation : public Story {
protected:
    Rotation() : granted(grant(server, "editor", "competency", 10)) { agent.start(); }

    Finished verify(const fs::path& file, const fs::path& keys, const Words& more = {}) const {
        return KeyServer::run_program(
            Words{"verify-receipt", file.string(), "--keys", keys.string()} + more);
    }
    fs::path public_keys(const KeyServer& of, const std::string& name) const {
        return world.write(name, of.admin_raw({"signing-key", "list", "--json"}).out);
    }
    fs::path receipts(const std::string& name) const {
        return world.write(name, server.admin_raw({"receipt", "list", "--json"}).out);
    }

    Grant granted;
};

TEST_F(Rotation, of_keys_and_root_while_the_server_runs_is_followed_by_the_agent) {
    agent.activate("editor", granted.key);
    EXPECT_EQ(number_at(server.admin({"signing-key", "rotate"}), "version"), 2);
    agent.activate("editor", granted.key, 0, {"--accept-count"});
    EXPECT_EQ(number_at(server.admin({"signing-key", "rotate", "--root"}), "root_version"), 2);
    agent.activate("editor", granted.key, 0, {"--accept-count"});
    EXPECT_EQ(server.use(granted.entitlement), (Use{3, 10}));
    server.stop();
    server.admin({"signing-key", "rotate"});
    server.start();
    agent.restart();
    agent.activate("editor", granted.key, 0, {"--accept-count"});
    EXPECT_EQ(state_of(), "licensed");
    EXPECT_EQ(known_use(), (Use{4, 10}));
}

TEST_F(Rotation, with_the_root_on_a_medium_of_its_own_needs_it_at_hand) {
    const auto stick = world.path("stick");
    fs::create_directory(stick);
    fs::rename(server.data() / "root.key", stick / "root.key");
    const auto refused = server.admin_raw({"signing-key", "rotate", "--json"});
    EXPECT_EQ(refused.exit_code, 78) << refused.out;
    EXPECT_NE(refused.out.find("--root-key"), std::string::npos) << refused.out;
    const auto done =
        server.admin({"signing-key", "rotate", "--root-key", (stick / "root.key").string()});
    EXPECT_EQ(number_at(done, "version"), 2);
    agent.activate("editor", granted.key);
    EXPECT_EQ(state_of(), "licensed");
}

TEST_F(Rotation, leaves_receipts_that_anyone_can_verify) {
    agent.activate("editor", granted.key);
    const auto before = receipts("before.json");
    server.admin({"signing-key", "rotate", "--root"});
    agent.activate("editor", granted.key, 0, {"--accept-count"});
    const auto keys = public_keys(server, "trust.json");
    const auto all = receipts("receipts.json");
    server.stop();
    const auto good = verify(all, keys);
    EXPECT_EQ(good.exit_code, 0) << good.out << good.err;
    EXPECT_NE(good.out.find("used an activation"), std::string::npos) << good.out;
    EXPECT_EQ(verify(before, keys).exit_code, 0);

    auto altered = read_file(all);
    const auto at = altered.find('.', altered.find("\"receipt\"")) + 60;
    altered[at] = altered[at] == 'A' ? 'B' : 'A';
    const auto bad = verify(world.write("altered.json", altered), keys);
    EXPECT_EQ(bad.exit_code, 13) << bad.out << bad.err;
    EXPECT_NE(bad.out.find("BAD: it was altered"), std::string::npos) << bad.out;
    const auto json = parse_json(verify(world.path("altered.json"), keys, {"--json"}).out);
    EXPECT_EQ(number_at(json, "good"), 1);
    EXPECT_EQ(number_at(json, "bad"), 1);

    KeyServer other(world, "fabrikam");
    const auto strange = verify(all, public_keys(other, "foreign.json"));
    EXPECT_EQ(strange.exit_code, 13) << strange.out << strange.err;
    EXPECT_NE(strange.out.find("publisher contoso signed it"), std::string::npos) << strange.out;
    EXPECT_EQ(verify(world.path("nothing"), keys).exit_code, 65);
    EXPECT_EQ(verify(all, world.write("rubbish", "rubbish")).exit_code, 65);
}

TEST_F(Rotation, of_the_evidence_table_reaches_the_agent) {
    agent.activate("editor", granted.key);
    const auto in_force = server.admin({"weights", "show"});
    const auto version = number_at(in_force, "version");
    EXPECT_EQ(number_at(agent.product("editor"), "weights_version"), version);
    auto next = in_force.as_object();
    next["version"] = version + 1;
    const auto file = world.write("table.json", boost::json::serialize(next));
    EXPECT_EQ(number_at(server.admin({"weights", "install", file.string()}), "version"),
              version + 1);
    agent.activate("editor", granted.key, 0, {"--accept-count"});
    EXPECT_EQ(number_at(agent.product("editor"), "weights_version"), version + 1);
    EXPECT_EQ(server.admin_raw({"weights", "install", file.string()}).exit_code, 13);
}

TEST_F(Rotation, aside_an_activation_given_in_error_goes_back) {
    agent.activate("editor", granted.key);
    const auto machines = server.admin({"machine", "list"});
    const auto machine = text_at(at(machines, "machines").as_array().at(0), "id");
    EXPECT_EQ(server.admin_raw({"activation", "return", machine}).exit_code, 64);
    const auto done = server.admin({"activation", "return", machine, "--reason", "wrong room"});
    EXPECT_EQ(number_at(done, "activations.used"), 0);
    EXPECT_EQ(server.use(granted.entitlement), (Use{0, 10}));
    EXPECT_NE(server.admin_raw({"activation", "return", machine, "--reason", "again"}).exit_code,
              0);
    const auto good = verify(receipts("receipts.json"), public_keys(server, "trust.json"));
    EXPECT_EQ(good.exit_code, 0) << good.out;
    EXPECT_NE(good.out.find("given back"), std::string::npos) << good.out;
    EXPECT_NE(good.out.find("wrong room"), std::string::npos) << good.out;
}

}  // namespace
}  // namespace latchkey::e2e
