// Whole worlds: the same seed tells the same story, and nothing that must hold breaks.

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/simulator/report.h"
#include "tests/simulator/world.h"

namespace latchkey::simulator {
namespace {

Tally lived(std::uint64_t seed, Duration length, int machines, int number = 0) {
    silence();
    Tally tally;
    WorldOptions options;
    options.seed = seed;
    options.number = number;
    options.length = length;
    options.machines = machines;
    options.folder = temporary_folder();
    World(options, tally).run();
    return tally;
}

std::string first_of(const Tally& tally) {
    if (tally.violations.empty()) return {};
    const auto& violation = tally.violations.front();
    std::string all = violation.machine + ", " + violation.rule + ": " + violation.what;
    for (const auto& line : violation.story) all += "\n" + line;
    return all;
}

TEST(World, the_same_seed_tells_the_same_story) {
    const auto once = lived(7, Days{25}, 5);
    const auto again = lived(7, Days{25}, 5);
    EXPECT_EQ(once.digest, again.digest);
    EXPECT_EQ(once.events, again.events);
    EXPECT_EQ(once.faults, again.faults);
    EXPECT_NE(once.digest, lived(8, Days{25}, 5).digest);
}

TEST(World, a_month_of_ten_machines_breaks_no_rule) {
    const auto tally = lived(11, Days{30}, 10);
    EXPECT_EQ(first_of(tally), "");
    EXPECT_GT(tally.happened.at("activated"), 0u);
    EXPECT_GT(tally.faults.size(), 10u);
    EXPECT_GT(tally.checks.at("grace"), 1000u);
}

TEST(World, machines_made_from_a_licensed_desktops_golden_image_break_no_rule) {
    silence();
    Tally tally;
    WorldOptions options;
    options.seed = 5;
    options.length = Days{70};
    options.machines = 1;
    options.folder = temporary_folder();
    options.planned = {{Days{40}, 0, Happening::generalize}};
    World world(options, tally);
    world.run();
    EXPECT_EQ(first_of(tally), "");
    EXPECT_EQ(tally.faults["image captured"], 1u);
    EXPECT_FALSE(world.citizen(1).image_since || world.citizen(2).image_since) << "both were seen";
    EXPECT_GE(tally.happened["activations counted"], 2u) << "and were activated for themselves";
}

TEST(World, board_replaced_while_serials_are_hidden_may_begin_a_grace_anew) {
    silence();
    Tally tally;
    WorldOptions options;
    options.seed = 4;
    options.length = Days{36};
    options.machines = 8;
    options.folder = temporary_folder();
    options.planned = {{Days{12}, 7, Happening::serials_hidden},
                       {Days{12} + hours{1}, 7, Happening::swap_board}};
    World world(options, tally);
    world.run();
    EXPECT_EQ(first_of(tally), "");
    EXPECT_GT(world.citizen(7).guards.at("tools").grace_seen(), Days{20});
    EXPECT_NE(world.citizen(7).machine_id, "") << "its agent took it for another machine";
}

TEST(World, leaves_nothing_behind) {
    lived(3, Days{1}, 2);
    EXPECT_FALSE(std::filesystem::exists(temporary_folder()));
}

}  // namespace
}  // namespace latchkey::simulator
