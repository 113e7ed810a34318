// The spending path under kill -9. The agent, and then the key server, is killed before each of its
// writing system calls between "activate" and "license stored" (kill_at.cpp); afterwards exactly
// one activation is used and the machine is licensed. The rule is every-activation, under which
// anything done twice would count twice. The everyday run strikes at points spread evenly over the
// path; the long one (ctest -L long) strikes at every one.

#include <boost/json/serialize.hpp>

#include <csignal>
#include <cstdio>

#include "tests/e2e/killer.h"
#include "tests/e2e/story.h"

namespace latchkey::e2e {
namespace {

constexpr int kEverydayPoints = 32;
constexpr int kEveryPoint = 100000;

class CrashSafety : public Story {
protected:
    CrashSafety() {
        granted = grant(server, "editor", "competency", 10);
        key_file = world.write("key", granted.key);
        agent.start();
        server.stop();
        fs::copy(server.data(), untouched, fs::copy_options::recursive);
        server.start();
    }

    /// A machine and a key that nobody has used yet: both programs with the data they had at first,
    /// so that each run takes the same path.
    void fresh_start() {
        agent.process().kill();
        fs::remove_all(agent.state_dir());
        fs::remove_all(agent.anchor_dir());
        server.kill();
        fs::remove_all(server.data());
        fs::copy(untouched, server.data(), fs::copy_options::recursive);
        server.start();
        agent.start();
    }

    Finished try_to_activate() const {
        return agent.cli({"activate", "--product", "editor", "--key-file", key_file.string(),
                          "--accept-count", "--json"});
    }

    /// The agent goes on by itself where it remembers; where the wish was not yet durable, the
    /// administrator, who got no answer, asks again.
    void wait_until_licensed() {
        const auto end = std::chrono::steady_clock::now() + kDeadline;
        while (state_of() != "licensed" && std::chrono::steady_clock::now() < end) {
            if (!at(agent.product("editor"), "key_last5").is_null()) continue;
            const auto again = try_to_activate();
            ASSERT_EQ(again.exit_code, 0) << again.out << again.err;
        }
    }

    void expect_spent_once(const std::string& struck) {
        EXPECT_EQ(state_of(), "licensed") << struck;
        EXPECT_EQ(server.use(granted.entitlement), (Use{1, 10})) << struck;
        EXPECT_EQ(known_use(), (Use{1, 10})) << struck;
        const auto history = boost::json::serialize(agent.ask({"history"}));
        EXPECT_NE(history.find("\"activated\""), std::string::npos) << struck << history;
        const auto health = boost::json::serialize(at(agent.status(), "agent.health"));
        EXPECT_EQ(health.find("state_corrupt"), std::string::npos) << struck << health;
    }

    /// How many writing calls the victim makes in one undisturbed activation.
    int count_points(bool of_agent) {
        fresh_start();
        KillAt counter(world, of_agent ? agent.daemon_pid() : server.process().pid(), 0);
        const auto done = try_to_activate();
        EXPECT_EQ(done.exit_code, 0) << done.out << done.err;
        EXPECT_EQ(counter.finish(of_agent ? agent.process() : server.process()), "");
        EXPECT_GT(counter.count(), 5);
        return counter.count();
    }

    /// The point after `point`: wide steps at first, one by one towards the end, where the decision
    /// is committed and answered. Whoever follows these goes on until a run gets through unharmed.
    static int next_point(int point, int all, int most) {
        constexpr int kEnd = 8;
        return point < all - kEnd ? point + std::max(1, all / most) : point + 1;
    }

    void note_strike(bool decided_unheard) {
        ++struck_;
        lost_replies_ += decided_unheard ? 1 : 0;
    }

    void report(const char* victim, int all, int most) const {
        std::printf(
            "%s killed at %d of %d writing system calls; a decision was lost on the way %d times\n",
            victim, struck_, all, lost_replies_);
        EXPECT_GE(struck_, std::min(all, most) / 2);
        EXPECT_GT(lost_replies_, 0) << "the dangerous moment was never hit";
    }

    void kill_agent(int most);
    void kill_key_server(int most);

    Grant granted;
    fs::path key_file;
    fs::path untouched = world.path("untouched");

private:
    int struck_ = 0;
    int lost_replies_ = 0;
};

void CrashSafety::kill_agent(int most) {
    const int all = count_points(true);
    bool unharmed = false;
    for (int point = 1; !unharmed; point = next_point(point, all, most)) {
        fresh_start();
        KillAt killer(world, agent.daemon_pid(), point);
        try_to_activate();
        const auto where = killer.finish(agent.process());
        unharmed = where.empty();
        if (!unharmed) {
            agent.process().kill();
            const bool decided = server.use(granted.entitlement).used == 1;
            const auto log_before = agent.process().log_text().size();
            agent.start();
            wait_until_licensed();
            const auto log = agent.process().log_text().substr(log_before);
            note_strike(decided && log.find("asking the key server") != std::string::npos);
        }
        expect_spent_once("agent killed at " + where);
        if (HasFailure()) return;
    }
    report("agent", all, most);
}

void CrashSafety::kill_key_server(int most) {
    const int all = count_points(false);
    bool unharmed = false;
    for (int point = 1; !unharmed; point = next_point(point, all, most)) {
        fresh_start();
        KillAt killer(world, server.process().pid(), point);
        const auto first = try_to_activate();
        const auto where = killer.finish(server.process());
        unharmed = where.empty();
        if (!unharmed) {
            server.start();
            const bool heard = state_of() == "licensed";
            note_strike(!heard && server.use(granted.entitlement).used == 1);
            if (!heard) {
                EXPECT_EQ(first.exit_code, 75) << where << first.out << first.err;
                const auto again = try_to_activate();
                EXPECT_EQ(again.exit_code, 0) << where << again.out << again.err;
            }
        }
        expect_spent_once("key server killed at " + where);
        if (HasFailure()) return;
    }
    report("key server", all, most);
}

class EveryPoint : public CrashSafety {};

TEST_F(CrashSafety, agent_killed_between_wish_and_license_spends_exactly_one) {
    kill_agent(kEverydayPoints);
}

TEST_F(CrashSafety, key_server_killed_between_request_and_reply_spends_exactly_one) {
    kill_key_server(kEverydayPoints);
}

TEST_F(EveryPoint, agent_killed_at_every_write_spends_exactly_one) { kill_agent(kEveryPoint); }

TEST_F(EveryPoint, key_server_killed_at_every_write_spends_exactly_one) {
    kill_key_server(kEveryPoint);
}

}  // namespace
}  // namespace latchkey::e2e
