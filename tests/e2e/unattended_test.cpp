// Activated because the configuration says so, with the shipped programs.

#include <signal.h>

#include <boost/json/serialize.hpp>
#include <cstdio>

#include "tests/e2e/story.h"

namespace latchkey::e2e {
namespace {

class Unattended : public Story {
protected:
    /// The [[activate]] of a product, whose key lies in a file of its own.
    std::string wish(const std::string& product, const std::string& key) const {
        const auto file = world.write("keys/" + product + ".key", key);
        fs::permissions(file, fs::perms::owner_read);
        return "[[activate]]\nproduct = \"" + product + "\"\nkey_file = \"" + file.string() +
               "\"\n";
    }
};

TEST_F(Unattended, holds_before_it_counts_again) {
    const auto granted = grant(server, "editor", "competency", 10);
    agent.extra_config = wish("editor", granted.key) + "when_counted = \"hold\"\n";
    agent.start();
    wait_for([&] { return state_of() == "licensed"; });
    EXPECT_EQ(server.use(granted.entitlement), (Use{1, 10}));
    agent.reimage();
    wait_for([&] { return !at(agent.product("editor"), "last_attempt").is_null(); });
    EXPECT_EQ(server.use(granted.entitlement), (Use{1, 10})) << "it asks first";
    const auto held = agent.activate("editor", granted.key, 11);
    EXPECT_THAT(contract_breaches(held, "error.schema.json"), testing::IsEmpty());
    EXPECT_THAT(text_at(held, "error.code"),
                testing::AnyOf("would_count", "confirmation_required"));
    const auto answer = agent.activate("editor", granted.key, 0, {"--accept-count"});
    EXPECT_EQ(number_at(answer, "counted"), 1);
    EXPECT_EQ(server.use(granted.entitlement), (Use{2, 10}));
}

TEST_F(Unattended, a_file_that_was_to_be_consumed_and_stays_is_told_until_it_is_gone) {
    const auto granted = grant(server, "editor", "ai-cloud", 10);
    agent.extra_config = wish("editor", granted.key) + "consume = true\n";
    const auto keys = world.path("keys").string();
    agent.privileges = {
        "/bin/sh", "-c",
        "mount --bind \"$0\" \"$0\" && mount -o remount,ro,bind \"$0\" && exec \"$@\"", keys};
    agent.start();
    wait_for([&] { return state_of() == "licensed"; });
    const auto told = [&] { return boost::json::serialize(at(agent.status(), "agent.health")); };
    EXPECT_NE(told().find("its file stays"), std::string::npos) << told();
    const auto checked = agent.cli({"check"});
    EXPECT_EQ(checked.exit_code, 1) << checked.out;
    fs::remove(world.path("keys/editor.key"));
    agent.ask({"reload"});
    wait_for([&] { return told().find("its file stays") == std::string::npos; });
}

/// Has the server a client, however little it does about it? The kernel knows.
bool has_client(const KeyServer& server) {
    const auto port = std::stoul(server.url().substr(server.url().rfind(':') + 1));
    std::array<char, 32> local{};
    std::snprintf(local.data(), local.size(), " 0100007F:%04lX 0100007F:", port);
    const auto sockets = read_file("/proc/net/tcp");
    constexpr std::string_view kEstablished = " 01 ";
    for (auto at = sockets.find(local.data()); at != std::string::npos;
         at = sockets.find(local.data(), at + 1))
        if (sockets.compare(sockets.find(' ', at + 20), 4, kEstablished) == 0) return true;
    return false;
}

TEST_F(Unattended, what_a_reload_takes_away_while_a_key_server_is_asked_spends_nothing) {
    const auto granted = grant(server, "editor", "ai-cloud", 10);
    agent.extra_config = wish("editor", granted.key);
    server.process().signal(SIGSTOP);
    agent.start();
    wait_for([&] { return has_client(server); });
    agent.extra_config = {};
    agent.write_config();
    agent.ask({"reload"});
    server.process().signal(SIGCONT);
    wait_for([&] { return !has_client(server); });
    agent.ask({"explain", "--product", "editor", "--key-file", world.path("keys/editor.key")});
    EXPECT_EQ(state_of(), "initial_grace");
    EXPECT_EQ(server.use(granted.entitlement), (Use{0, 10}));
}

TEST_F(Unattended, an_image_that_is_made_while_a_key_server_is_asked_hears_nothing_of_it) {
    agent.extra_config = wish("editor", grant(server, "editor", "ai-cloud", 10).key);
    server.process().signal(SIGSTOP);
    agent.start();
    wait_for([&] { return has_client(server); });
    agent.ask({"generalize"});
    server.process().signal(SIGCONT);
    wait_for([&] { return !has_client(server); });
    const auto health = boost::json::serialize(at(agent.status(), "agent.health"));
    EXPECT_EQ(health.find("activate editor"), std::string::npos) << health;
}

TEST_F(Unattended, what_a_reload_adds_while_a_key_server_is_asked_is_activated_too) {
    server.add_product("designer", "Contoso Designer");
    agent.know(server, "designer");
    const auto editor = wish("editor", grant(server, "editor", "ai-cloud", 10).key);
    const auto designer = wish("designer", grant(server, "designer", "ai-cloud", 10).key);
    server.process().signal(SIGSTOP);
    agent.extra_config = editor;
    agent.start();
    wait_for([&] { return has_client(server); });
    agent.extra_config = editor + designer;
    agent.write_config();
    agent.ask({"reload"});
    server.process().signal(SIGCONT);
    wait_for([&] { return state_of("editor") == "licensed"; });
    wait_for([&] { return state_of("designer") == "licensed"; });
}

}  // namespace
}  // namespace latchkey::e2e
