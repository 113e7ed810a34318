// A golden image with the shipped programs: prepared, proved, captured, and booted on two machines.

#include <boost/json/serialize.hpp>

#include <fstream>

#include "tests/e2e/story.h"

namespace latchkey::e2e {
namespace {

using testing::HasSubstr;
using testing::Not;

class GoldenImage : public Story {
protected:
    GoldenImage() {
        granted = grant(server, "editor", "ai-cloud", 10);
        agent.machine.boot_id = "11111111-1111-4111-8111-111111111111";
        agent.start();
        agent.activate("editor", granted.key);
    }

    std::string machine_id() const { return text_at(agent.status(), "machine.id"); }

    /// Every byte of every file the agent keeps.
    std::string bytes_on_disk() const {
        std::string all;
        for (const auto& directory : {agent.state_dir(), agent.anchor_dir()})
            for (const auto& file : fs::recursive_directory_iterator(directory)) {
                std::ifstream in(file.path(), std::ios::binary);
                all.append(std::istreambuf_iterator<char>(in), {});
            }
        return all;
    }

    /// The disk, as it is, in another machine at its first boot.
    void boot_in(Machine machine, const std::string& boot_id) {
        machine.boot_id = boot_id;
        agent.become(machine);
    }

    Grant granted;
};

TEST_F(GoldenImage, is_prepared_proved_and_started_by_every_machine_on_its_own) {
    const auto reference = machine_id();
    EXPECT_EQ(agent.cli({"generalize", "--verify"}).exit_code, 11);
    const auto planned = agent.ask({"generalize", "--dry-run"});
    const auto done = agent.ask({"generalize"});
    EXPECT_EQ(at(planned, "removed"), at(done, "removed"));
    EXPECT_EQ(at(planned, "kept"), at(done, "kept"));
    EXPECT_EQ(agent.cli({"generalize", "--verify"}).exit_code, 0);
    const auto left = bytes_on_disk();
    EXPECT_THAT(left, Not(HasSubstr(granted.key)));
    EXPECT_THAT(left, Not(HasSubstr(reference)));
    EXPECT_THAT(left, HasSubstr("grace_and_rearms")) << "the report alone";

    agent.restart();
    EXPECT_THAT(contract_breaches(agent.status(), "status.schema.json"), testing::IsEmpty());
    expect_problem(agent.activate("editor", granted.key, 11), "generalized");
    EXPECT_EQ(agent.cli({"generalize", "--verify"}).exit_code, 0)
        << "a restart of the service made nothing";
    agent.stop();
    const auto image = world.path("image");
    fs::copy(agent.state_dir(), image, fs::copy_options::recursive);

    boot_in(Machine::twin(), "22222222-2222-4222-8222-222222222222");
    const auto first = machine_id();
    EXPECT_EQ(state_of(), "initial_grace");
    agent.stop();
    fs::remove_all(agent.state_dir());
    fs::remove_all(agent.anchor_dir());
    fs::copy(image, agent.state_dir(), fs::copy_options::recursive);
    boot_in(Machine::unit(3), "33333333-3333-4333-8333-333333333333");
    EXPECT_EQ(state_of(), "initial_grace");
    EXPECT_NE(machine_id(), first);
    EXPECT_NE(machine_id(), reference);
    EXPECT_EQ(server.use(granted.entitlement), (Use{1, 10})) << "nobody was told, nothing spent";
}

TEST_F(GoldenImage, nobody_makes_nobody_can_make) {
    Words argv{"setpriv",        "--reuid",          "65534", "--regid", "65534",
               "--clear-groups", program("latchkey")};
    for (const auto* option : {"--dry-run", "--verify", "--force"}) {
        auto words = argv;
        words.insert(words.end(),
                     {"generalize", option, "--json", "--socket", agent.socket().string()});
        const auto refused = run({words, {}, {}});
        EXPECT_EQ(refused.exit_code, 77) << option << refused.out << refused.err;
        expect_problem(parse_json(refused.out), "not_permitted");
    }
    EXPECT_EQ(state_of(), "licensed");
}

TEST_F(GoldenImage, that_nobody_generalized_is_told_apart_at_its_first_boot) {
    const auto reference = machine_id();
    boot_in(Machine::twin(), "22222222-2222-4222-8222-222222222222");
    wait_for([this] { return state_of() == "out_of_tolerance_grace"; });
    EXPECT_NE(machine_id(), reference);
    EXPECT_THAT(boost::json::serialize(agent.status()), HasSubstr("state_foreign"));
    EXPECT_EQ(server.use(granted.entitlement), (Use{1, 10}));
    boot_in(Machine{}, "44444444-4444-4444-8444-444444444444");
    wait_for([this] { return state_of() == "licensed"; });
    EXPECT_EQ(machine_id(), reference) << "the disk went back";
}

}  // namespace
}  // namespace latchkey::e2e
