// generalize under kill -9: the agent is killed before each of its writing system calls. Afterwards
// the machine either works as before, with nothing lost, or it is a clean image; never half of
// both.

#include "tests/e2e/killer.h"
#include "tests/e2e/story.h"

namespace latchkey::e2e {
namespace {

class CrashOfGeneralize : public Story {
protected:
    CrashOfGeneralize() {
        granted = grant(server, "editor", "ai-cloud", 10);
        agent.machine.boot_id = "11111111-1111-4111-8111-111111111111";
        agent.start();
        agent.activate("editor", granted.key);
        machine_id = text_at(agent.status(), "machine.id");
        agent.stop();
        for (const auto& [from, to] : kept()) fs::copy(from, to, fs::copy_options::recursive);
    }

    std::map<fs::path, fs::path> kept() const {
        return {{agent.state_dir(), world.path("kept-state")},
                {agent.anchor_dir(), world.path("kept-anchor")}};
    }

    /// The licensed machine as it was.
    void put_back() {
        agent.kill();
        for (const auto& [where, from] : kept()) {
            fs::remove_all(where);
            fs::copy(from, where, fs::copy_options::recursive);
        }
        agent.start();
    }

    testing::AssertionResult is_clean() const {
        const auto proof = agent.cli({"generalize", "--verify"});
        if (proof.exit_code == 0) return testing::AssertionSuccess();
        return testing::AssertionFailure() << proof.out << proof.err;
    }
    bool works_as_before() const {
        return state_of() == "licensed" && text_at(agent.status(), "machine.id") == machine_id;
    }

    Grant granted;
    std::string machine_id;
};

TEST_F(CrashOfGeneralize, leaves_the_whole_machine_or_a_clean_image) {
    int before = 0;
    int after = 0;
    bool unharmed = false;
    for (int point = 1; !unharmed; ++point) {
        put_back();
        KillAt killer(world, agent.daemon_pid(), point);
        agent.cli({"generalize"});
        const auto where = killer.finish(agent.process());
        unharmed = where.empty();
        if (!unharmed) {
            agent.kill();
            agent.start();
        }
        const bool clean = static_cast<bool>(is_clean());
        EXPECT_TRUE(clean || works_as_before()) << "killed at " << where;
        ++(clean ? after : before);
        if (clean) continue;
        agent.ask({"generalize"});
        EXPECT_TRUE(is_clean()) << "again, after it was killed at " << where;
    }
    EXPECT_GT(before, 1);
    EXPECT_GT(after, 1);
    std::printf("killed at %d writing system calls: %d times nothing had happened\n",
                before + after - 1, before);
    EXPECT_EQ(server.use(granted.entitlement), (Use{1, 10}));
}

}  // namespace
}  // namespace latchkey::e2e
