// The administrator gives an activation back that was counted in error. The machine that holds its
// license hears of it at its next renewal, and may activate again, which counts.

#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

void give_back(Stage& stage) {
    const auto machines = stage.vendor().admin("machine", "list", {}).at("machines");
    ASSERT_EQ(machines.as_array().size(), 1u);
    stage.vendor().admin("activation", "return",
                         {{"id", {std::string(machines.at(0).at("id").as_string())}},
                          {"reason", {"the wrong machine"}}});
}

std::int64_t used_of(Stage& stage) {
    const auto keys = stage.vendor().admin("key", "list", {}).at("keys");
    return keys.at(0).at("activations").at("used").as_int64();
}

TEST(ActivationReturn, ends_a_lease_at_its_next_renewal_and_a_new_activation_counts) {
    Stage stage;
    stage.vendor().add_product("suite");
    const auto key = stage.vendor().sell("suite", "ai-cloud", 5);
    stage.install("suite");
    ASSERT_EQ(stage.activate("suite", key).status, 200);
    give_back(stage);
    EXPECT_EQ(used_of(stage), 0);
    EXPECT_EQ(stage.state("suite"), "licensed") << "nobody has told it yet";
    stage.pass(14 * day);
    EXPECT_EQ(stage.state("suite"), "non_genuine_grace");
    EXPECT_EQ(used_of(stage), 0) << "and it does not take another one by itself";
    EXPECT_EQ(stage.activate("suite", key, true).at("counted"), 1);
    EXPECT_EQ(stage.state("suite"), "licensed");
    EXPECT_EQ(used_of(stage), 1);
}

TEST(ActivationReturn, ends_a_perpetual_license_too) {
    Stage stage;
    stage.vendor().admin("program", "add",
                         {{"id", {"own"}}, {"rule", {"any-change"}}, {"perpetual", {}}});
    stage.vendor().add_product("suite");
    const auto key = stage.vendor().sell("suite", "own", 5);
    stage.install("suite");
    ASSERT_EQ(stage.activate("suite", key).status, 200);
    give_back(stage);
    stage.pass(35 * day);
    EXPECT_EQ(stage.state("suite"), "non_genuine_grace");
}

}  // namespace
}  // namespace latchkey::scenario
