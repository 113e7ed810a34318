// Two systems are installed side by side on one machine. Each has its own agent and its own
// license; the hardware is one, so that the second costs nothing and neither is the other's clone.

#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

TEST(DualBoot, is_one_machine_and_neither_system_is_a_clone) {
    Stage first;
    first.vendor().add_product("suite");
    const auto key = first.vendor().sell("suite", "ai-cloud", 5);
    first.install("suite");
    EXPECT_EQ(first.activate("suite", key).at("counted"), 1);

    Stage second(first, Stage::Disk::empty);
    EXPECT_EQ(second.state("suite"), "initial_grace");
    EXPECT_EQ(second.activate("suite", key).at("counted"), 0);
    for (int month = 0; month < 6; ++month) {
        first.pass(30 * day, &second);
        ASSERT_EQ(first.state("suite"), "licensed") << month;
        ASSERT_EQ(second.state("suite"), "licensed") << month;
    }
    EXPECT_EQ(second.used("suite"), 1);
    const auto machines = first.vendor().admin("machine", "list", {}).at("machines").as_array();
    ASSERT_EQ(machines.size(), 1u);
    EXPECT_FALSE(machines.at(0).at("suspected_clone").as_bool());
}

}  // namespace
}  // namespace latchkey::scenario
