// Damage and shortage under the agent's state: found, said, survived; never spent for, never
// rewarded with more grace.

#include <boost/json/serialize.hpp>

#include "tests/e2e/story.h"

namespace latchkey::e2e {
namespace {

class StateFaults : public Story {
protected:
    StateFaults() { granted = grant(server, "editor", "ai-cloud", 10); }

    void activate_and_stop() {
        agent.start();
        agent.activate("editor", granted.key);
        agent.stop();
    }

    /// The SQLite file in the state directory.
    fs::path database() const {
        for (const auto& entry : fs::directory_iterator(agent.state_dir()))
            if (entry.is_regular_file() &&
                read_file(entry.path()).starts_with(std::string_view("SQLite format 3\0", 16)))
                return entry.path();
        throw std::runtime_error("no database in " + agent.state_dir().string());
    }

    std::string health() const {
        return boost::json::serialize(at(agent.status(), "agent.health"));
    }

    /// After damage: running, honest, and an activation away from licensed at no cost.
    void expect_reported_and_free_to_mend() {
        EXPECT_NE(health().find("state_corrupt"), std::string::npos) << health();
        EXPECT_THAT(contract_breaches(agent.status(), "status.schema.json"), testing::IsEmpty());
        if (state_of() != "licensed") {
            EXPECT_EQ(number_at(agent.activate("editor", granted.key), "counted"), 0);
        }
        EXPECT_EQ(state_of(), "licensed");
        EXPECT_EQ(server.use(granted.entitlement), (Use{1, 10}));
    }

    /// Latchkeyd with its state on a small file system of its own, inside the namespace.
    void put_state_on_tmpfs(const std::string& size) {
        fs::create_directories(agent.state_dir());
        agent.privileges = {"/bin/sh", "-c",
                            "mount -t tmpfs -o mode=700,size=" + size + " t " +
                                agent.state_dir().string() + " && exec \"$@\"",
                            "sh"};
    }

    Finished in_namespace(Words words) const {
        Words argv{"nsenter", "--target", std::to_string(agent.daemon_pid()), "--mount"};
        argv.insert(argv.end(), words.begin(), words.end());
        return run({argv, {}, {}});
    }

    Grant granted;
};

TEST_F(StateFaults, a_truncated_database_is_reported_and_mended) {
    activate_and_stop();
    fs::resize_file(database(), fs::file_size(database()) / 2);
    agent.start();
    expect_reported_and_free_to_mend();
}

TEST_F(StateFaults, an_emptied_database_is_reported_and_mended) {
    activate_and_stop();
    auto text = read_file(database());
    write_file(database(), std::string(text.size(), '\0'));
    agent.start();
    expect_reported_and_free_to_mend();
}

TEST_F(StateFaults, flipped_bytes_never_stop_the_agent_nor_spend) {
    activate_and_stop();
    const auto file = database();
    const auto good = read_file(file);
    const auto anchor_backup = world.path("anchor-backup");
    fs::copy(agent.anchor_dir(), anchor_backup, fs::copy_options::recursive);
    for (std::size_t i = 0; i < 12; ++i) {
        auto bad = good;
        auto& byte = bad[good.size() * (2 * i + 1) / 24];
        byte = static_cast<char>(byte ^ 0x41);
        fs::remove_all(agent.anchor_dir());
        fs::copy(anchor_backup, agent.anchor_dir(), fs::copy_options::recursive);
        write_file(file, bad);
        agent.start();
        const auto state = state_of();
        // A byte that nothing lives in may pass unnoticed; one that changes anything may not.
        if (health().find("state_corrupt") == std::string::npos) {
            EXPECT_EQ(state, "licensed") << "byte " << good.size() * (2 * i + 1) / 24;
        }
        agent.stop();
    }
    EXPECT_EQ(server.use(granted.entitlement), (Use{1, 10}));
}

TEST_F(StateFaults, damage_does_not_lengthen_grace) {
    agent.start();
    agent.ask({"rearm", "--product", "editor"});
    const auto before = agent.product("editor");
    agent.stop();
    fs::resize_file(database(), 100);
    agent.start();
    const auto after = agent.product("editor");
    EXPECT_EQ(number_at(after, "grace.rearms_left"), 2);
    EXPECT_LE(text_at(after, "grace.ends_at"), text_at(before, "grace.ends_at"));
}

TEST_F(StateFaults, a_newer_database_is_left_alone) {
    activate_and_stop();
    auto text = read_file(database());
    // Two bits from the version it says under a MAC: one alone would be an accident.
    text.replace(60, 4, std::string("\0\0\0\7", 4));  // user_version in SQLite's header
    write_file(database(), text);
    const auto done = agent.start_and_fail();
    EXPECT_EQ(done.exit_code, 78) << done.err;
    EXPECT_NE((done.out + done.err).find("newer version"), std::string::npos) << done.err;
    EXPECT_EQ(read_file(database()), text) << "not a byte was changed";
}

TEST_F(StateFaults, a_second_daemon_on_the_same_state_is_refused) {
    agent.start();
    const auto second = agent.start_and_fail();
    EXPECT_EQ(second.exit_code, 1) << second.err;
    EXPECT_NE((second.out + second.err).find("state_locked"), std::string::npos) << second.err;
    EXPECT_EQ(number_at(agent.activate("editor", granted.key), "counted"), 1)
        << "the first one is unharmed";
}

TEST_F(StateFaults, a_second_daemon_at_the_same_socket_is_refused_before_it_makes_any_state) {
    agent.start();
    Agent second(world, {}, "second");
    second.write_config();
    auto text = read_file(second.config_file());
    const auto place = second.socket().string();
    text.replace(text.find(place), place.size(), agent.socket().string());
    write_file(second.config_file(), text);
    const auto refused = second.start_and_fail();
    EXPECT_EQ(refused.exit_code, 1) << refused.err;
    EXPECT_NE((refused.out + refused.err).find(agent.socket().string()), std::string::npos)
        << refused.err;
    EXPECT_FALSE(fs::exists(second.state_dir()));
    EXPECT_FALSE(fs::exists(second.anchor_dir()));
    EXPECT_EQ(state_of(), "initial_grace") << "the first one is unharmed";
}

TEST_F(StateFaults, a_second_daemon_at_another_socket_but_on_the_same_state_is_refused) {
    agent.start();
    auto text = read_file(agent.config_file());
    const auto place = agent.socket().string();
    text.replace(text.find(place), place.size(), world.path("other.sock").string());
    write_file(agent.config_file(), text);
    const auto refused = agent.start_and_fail();
    EXPECT_EQ(refused.exit_code, 1) << refused.err;
    EXPECT_NE((refused.out + refused.err).find("state_locked"), std::string::npos) << refused.err;
    EXPECT_FALSE(fs::exists(world.path("other.sock"))) << "and leaves no socket behind";
    EXPECT_EQ(state_of(), "initial_grace");
}

TEST_F(StateFaults, a_second_copy_that_cannot_be_written_is_said_while_it_is_so) {
    activate_and_stop();
    const auto anchor = agent.anchor_dir().string();
    agent.privileges = {"/bin/sh", "-c",
                        "mount --bind " + anchor + " " + anchor + " && mount -o remount,bind,ro " +
                            anchor + " && exec \"$@\"",
                        "sh"};
    const std::string said = "second copy of the state cannot be written";
    const auto times_warned = [&] {
        const auto log = agent.process().log_text();
        int times = 0;
        for (auto found = log.find(said); found != log.npos; found = log.find(said, found + 1))
            ++times;
        return times;
    };
    agent.start();
    const int before = times_warned();
    EXPECT_NE(health().find(said), std::string::npos) << "already at the start: " << health();
    EXPECT_NE(health().find("[paths] anchor"), std::string::npos) << "with a remedy";
    EXPECT_THAT(contract_breaches(agent.status(), "status.schema.json"), testing::IsEmpty());
    agent.ask({"deactivate", "--product", "editor"});
    EXPECT_EQ(number_at(agent.activate("editor", granted.key, 0, {"--accept-count"}), "counted"), 1)
        << "the agent works on";
    EXPECT_EQ(before, 1);
    EXPECT_EQ(times_warned(), 1);
    ASSERT_EQ(in_namespace({"mount", "-o", "remount,bind,rw", anchor}).exit_code, 0);
    agent.ask({"deactivate", "--product", "editor"});
    EXPECT_EQ(health().find(said), std::string::npos) << health();
    EXPECT_EQ(times_warned(), 1);
    EXPECT_NE(agent.process().log_text().find("is written again"), std::string::npos);
    ASSERT_EQ(in_namespace({"mount", "-o", "remount,bind,ro", anchor}).exit_code, 0);
    agent.activate("editor", granted.key, 0, {"--accept-count"});
    EXPECT_NE(health().find(said), std::string::npos) << health();
    EXPECT_EQ(times_warned(), 2) << "once a change";
}

TEST_F(StateFaults, a_full_disk_spends_nothing_and_is_said) {
    put_state_on_tmpfs("256k");
    agent.start();
    const auto filler = (agent.state_dir() / "filler").string();
    in_namespace({"dd", "if=/dev/zero", "of=" + filler, "bs=4k", "count=100"});
    const auto failed = agent.activate("editor", granted.key, 1);
    expect_problem(failed, "storage_failed");
    EXPECT_EQ(server.use(granted.entitlement), (Use{0, 10}))
        << "nothing is asked for that could not be remembered";
    EXPECT_EQ(state_of(), "initial_grace");
    EXPECT_NE(health().find("storage_failed"), std::string::npos) << health();
    ASSERT_EQ(in_namespace({"rm", filler}).exit_code, 0);
    EXPECT_EQ(number_at(agent.activate("editor", granted.key), "counted"), 1);
    EXPECT_EQ(server.use(granted.entitlement), (Use{1, 10}));
}

TEST_F(StateFaults, a_read_only_file_system_is_said_and_keeps_the_license) {
    activate_and_stop();
    const auto before = read_file(database());
    const auto state = agent.state_dir().string();
    agent.privileges = {"/bin/sh", "-c",
                        "mount --bind " + state + " " + state + " && mount -o remount,bind,ro " +
                            state + " && exec \"$@\"",
                        "sh"};
    const auto done = agent.start_and_fail();
    EXPECT_EQ(done.exit_code, 1) << done.err;
    EXPECT_NE((done.out + done.err).find("storage_failed"), std::string::npos) << done.err;
    EXPECT_EQ(read_file(database()), before);
    agent.privileges.clear();
    agent.start();
    EXPECT_EQ(state_of(), "licensed");
}

TEST_F(StateFaults, an_older_agent_refuses_a_newer_ones_state_and_keeps_it_for_that_one) {
    activate_and_stop();
    const char was = change_schema_version(database(), kSchemaOfNewer);
    const auto files = [this] {
        std::map<fs::path, std::string> all;
        for (const auto& directory : {agent.state_dir(), agent.anchor_dir()})
            for (const auto& entry : fs::recursive_directory_iterator(directory))
                if (entry.is_regular_file() && entry.path().filename() != "lock")
                    all[entry.path()] = read_file(entry.path());
        return all;
    };
    const auto before = files();
    expect_newer_schema_refused(agent.start_and_fail(), database().string());
    EXPECT_TRUE(files() == before) << "something was changed, set aside or added";
    change_schema_version(database(), was);
    agent.start();
    EXPECT_EQ(state_of(), "licensed");
    EXPECT_EQ(server.use(granted.entitlement), (Use{1, 10}));
}

TEST(KeyServerSchema, of_a_newer_version_is_refused_and_kept_for_that_one) {
    World world;
    KeyServer server(world, "contoso");
    server.add_product("editor", "Contoso Editor");
    const auto granted = grant(server, "editor", "ai-cloud", 3);
    server.stop();
    const auto database = server.data() / "latchkey.db";
    const char was = change_schema_version(database, kSchemaOfNewer);
    const auto before = read_file(database);
    expect_newer_schema_refused(server.start_and_fail(), database.string());
    expect_newer_schema_refused(server.admin_raw({"key", "list"}), database.string());
    EXPECT_TRUE(read_file(database) == before);
    change_schema_version(database, was);
    server.start();
    EXPECT_EQ(server.use(granted.entitlement), (Use{0, 3}));
}

TEST_F(StateFaults, a_first_start_on_a_read_only_file_system_says_what_is_wrong) {
    fs::create_directories(agent.state_dir());
    agent.privileges = {
        "/bin/sh", "-c",
        "mount -t tmpfs -o ro,mode=700 t " + agent.state_dir().string() + " && exec \"$@\"", "sh"};
    agent.write_config();
    const auto done = agent.start_and_fail();
    EXPECT_EQ(done.exit_code, 1) << done.err;
    EXPECT_NE((done.out + done.err).find("storage_failed"), std::string::npos) << done.err;
}

}  // namespace
}  // namespace latchkey::e2e
