// The key server on PostgreSQL with the shipped programs: the main job, two servers on one
// database, a database that goes away, and the move there.

#include <csignal>
#include <optional>
#include <thread>

#include "tests/e2e/curl_browser.h"
#include "tests/e2e/story.h"
#include "tests/fakes/postgres_cluster.h"

namespace latchkey::e2e {
namespace {

class OnPostgres : public testing::Test {
protected:
    OnPostgres() { server.add_product("editor", "Contoso Editor"); }

    fakes::PostgresCluster& cluster = fakes::PostgresCluster::shared();
    World world;
    std::string database = cluster.new_database();
    KeyServer server{world, "contoso", {}, database};
};

TEST_F(OnPostgres, the_main_job_is_done_and_survives_restarts) {
    const auto granted = grant(server, "editor", "ai-cloud", 3);
    Agent agent(world);
    agent.know(server, "editor");
    agent.start();
    EXPECT_EQ(number_at(agent.activate("editor", granted.key), "counted"), 1);
    server.kill();
    server.start();
    EXPECT_EQ(number_at(agent.activate("editor", granted.key), "counted"), 0);
    agent.reimage();
    EXPECT_EQ(number_at(agent.activate("editor", granted.key), "counted"), 0) << "the same machine";
    agent.ask({"deactivate", "--product", "editor"});
    EXPECT_EQ(server.use(granted.entitlement), (Use{1, 3}));
}

TEST_F(OnPostgres, the_console_shows_and_releases_and_says_when_the_database_is_away) {
    const auto granted = grant(server, "editor", "ai-cloud", 3);
    Agent agent(world);
    agent.know(server, "editor");
    agent.start();
    agent.activate("editor", granted.key);
    const auto password = text_at(server.admin({"console", "password"}), "password");
    const auto id = text_at(server.admin({"machine", "list"}), "machines.0.id");
    server.stop();
    server.open_console();
    server.start();
    CurlBrowser admin(server.console_url(), server.ca_file());
    ASSERT_EQ(admin.sign_in(password).status, 303);
    for (const auto& path : {std::string("/"), "/machines/" + id, std::string("/receipts"),
                             std::string("/receipts?kind=activation"), std::string("/clones"),
                             "/entitlements/" + granted.entitlement})
        EXPECT_EQ(admin.get(path).status, 200) << path;
    EXPECT_NE(admin.get("/").body.find("1 activation counted in 12 weeks"), std::string::npos);
    const auto token = admin.form_token();
    EXPECT_EQ(admin.post("/machines/" + id + "/release", {{"form_token", token}}).status, 303);
    EXPECT_EQ(text_at(server.admin({"machine", "show", id}), "state"), "released");
    cluster.stop("fast");
    const auto away = admin.get("/");
    cluster.start();
    EXPECT_EQ(away.status, 503);
    EXPECT_FALSE(away.header("Retry-After").empty());
    EXPECT_NE(away.body.find("Try again in a moment."), std::string::npos);
    wait_for([&] { return admin.get("/").status == 200; });
}

TEST_F(OnPostgres, a_newer_versions_schema_is_refused_and_kept_for_that_one) {
    const auto granted = grant(server, "editor", "ai-cloud", 3);
    server.stop();
    const auto write = [&](const std::string& version) {
        cluster.sql(database,
                    "UPDATE meta SET value = '" + version + "' WHERE name = 'schema_version'");
    };
    const auto was = cluster.sql(database, "SELECT value FROM meta WHERE name = 'schema_version'");
    write("99");
    const auto shown = database.substr(0, database.find('?'));
    expect_newer_schema_refused(server.start_and_fail(), shown);
    expect_newer_schema_refused(server.admin_raw({"key", "list"}), shown);
    write(was);
    server.start();
    EXPECT_EQ(server.use(granted.entitlement), (Use{0, 3}));
}

/// A second server on the same database, from a copy of the first one's directory; one agent asks
/// the one, another the other.
class TwoServers : public OnPostgres {
protected:
    TwoServers() {
        server.stop();
        fs::copy(server.data(), world.path("second"), fs::copy_options::recursive);
        server.start();
        second.emplace(world, "contoso", "second", database);
        one.know(server, "editor");
        other.know_at(server, "editor", second->url(), second->ca_file());
        one.start();
        other.start();
    }

    std::optional<KeyServer> second;
    Agent one{world, Machine::unit(1), "one"};
    Agent other{world, Machine::unit(2), "other"};
};

TEST_F(TwoServers, of_them_one_gives_the_last_activation) {
    for (int round = 0; round < 4; ++round) {
        const auto granted = grant(server, "editor", "competency", 1);
        const auto key_file = world.write("key" + std::to_string(round), granted.key);
        const Words words{"activate",        "--product",      "editor", "--key-file",
                          key_file.string(), "--accept-count", "--json"};
        Finished first;
        Finished last;
        {
            const std::jthread a([&] { first = one.cli(words); });
            const std::jthread b([&] { last = other.cli(words); });
        }
        EXPECT_EQ((first.exit_code == 0) + (last.exit_code == 0), 1) << first.out << last.out;
        EXPECT_EQ(first.exit_code + last.exit_code, 10) << "the other is told the limit";
        EXPECT_EQ(server.use(granted.entitlement), (Use{1, 1}));
    }
}

TEST_F(TwoServers, keys_rotated_at_one_are_copied_to_the_other_which_runs_on) {
    const auto granted = grant(server, "editor", "competency", 4);
    other.activate("editor", granted.key);
    EXPECT_EQ(number_at(server.admin({"signing-key", "rotate", "--root"}), "version"), 2);
    one.activate("editor", granted.key);
    for (const char* name :
         {"signing.key", "seal.key", "seal.previous.key", "roots.json", "keyset.jws"})
        fs::copy_file(server.data() / name, second->data() / name,
                      fs::copy_options::overwrite_existing);
    second->process().signal(SIGHUP);
    wait_for([&] {
        return number_at(second->admin({"signing-key", "list"}), "key_set_version") == 2;
    });
    other.activate("editor", granted.key, 0, {"--accept-count"});
    EXPECT_EQ(text_at(other.product("editor"), "state"), "licensed");
    EXPECT_EQ(server.use(granted.entitlement), (Use{3, 4}));
}

TEST_F(OnPostgres, that_goes_away_is_told_as_passing_and_nothing_is_lost) {
    const auto granted = grant(server, "editor", "ai-cloud", 3);
    Agent agent(world);
    agent.know(server, "editor");
    agent.start();
    cluster.stop("immediate");
    const auto failed = agent.cli({"activate", "--product", "editor", "--key-file",
                                   world.write("key", granted.key).string(), "--accept-count"});
    EXPECT_EQ(failed.exit_code, 75) << failed.out << failed.err;
    cluster.start();
    wait_for([&] {
        return run({{"curl", "-s", "-f", "--cacert", server.ca_file().string(),
                     server.url() + "/readyz"},
                    {},
                    {}})
                   .exit_code == 0;
    });
    EXPECT_EQ(number_at(agent.activate("editor", granted.key), "counted"), 1);
    EXPECT_EQ(server.use(granted.entitlement), (Use{1, 3}));
}

TEST_F(OnPostgres, records_are_moved_there_and_the_agents_go_on) {
    KeyServer small(world, "small");
    small.add_product("editor", "Contoso Editor");
    const auto granted = grant(small, "editor", "ai-cloud", 3);
    Agent agent(world);
    agent.know(small, "editor");
    agent.start();
    agent.activate("editor", granted.key);
    const auto target = cluster.new_database();
    const Words migrate{"migrate", "--to", target, "--json"};
    EXPECT_NE(small.admin_raw(migrate).exit_code, 0) << "it is served still";
    small.stop();
    const auto moved = small.admin_raw(migrate);
    ASSERT_EQ(moved.exit_code, 0) << moved.out << moved.err;
    EXPECT_NE(small.admin_raw({"key", "list"}).exit_code, 0) << "nobody serves the old ones";
    small.keep_in(target);
    small.start();
    EXPECT_EQ(small.use(granted.entitlement), (Use{1, 3}));
    EXPECT_EQ(number_at(agent.activate("editor", granted.key), "counted"), 0);
}

TEST_F(OnPostgres, a_password_on_the_command_line_is_warned_about_and_not_repeated) {
    const auto done =
        run({{program("latchkey-keyserver"), "admin", "--data", world.path("nobody").string(),
              "--database", "postgresql://me:hush@/x?host=/nowhere", "product", "list"},
             {},
             {}});
    EXPECT_THAT(done.err, testing::HasSubstr("process list"));
    EXPECT_THAT(done.out + done.err, testing::Not(testing::HasSubstr("hush")));
}

}  // namespace
}  // namespace latchkey::e2e
