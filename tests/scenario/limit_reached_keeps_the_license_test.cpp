// All activations of the key are used. The next machine is refused with the numbers, nothing is
// consumed, and nobody loses what they have.

#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

TEST(Limit, C7_the_next_machine_is_refused_with_the_numbers) {
    Stage stage;
    stage.vendor().add_product("suite");
    const auto key = stage.vendor().sell("suite", "ai-cloud", 1);
    stage.install("suite");
    EXPECT_EQ(stage.activate("suite", key).at("counted"), 1);

    stage.become("desktop-twin");
    stage.reimage();
    const auto refused = stage.activate("suite", key);
    EXPECT_EQ(refused.code(), "activation_limit_reached");
    EXPECT_EQ(refused.at("error").at("title"),
              "You have reached the maximum number of activations for this product key.");
    EXPECT_NE(refused.detail().find("1 of 1"), std::string::npos) << refused.detail();
    EXPECT_EQ(stage.state("suite"), "initial_grace") << "the present state is kept";

    stage.become("desktop");
    stage.reimage();
    EXPECT_EQ(stage.activate("suite", key).at("counted"), 0)
        << "the first machine is not locked out";
}

TEST(Limit, C7_a_licensed_machine_keeps_its_license_when_another_key_is_used_up) {
    Stage stage;
    stage.vendor().add_product("suite");
    const auto spent = stage.vendor().sell("suite", "ai-cloud", 1);
    const auto good = stage.vendor().sell("suite", "ai-cloud", 1);
    stage.install("suite");
    EXPECT_EQ(stage.activate("suite", spent).at("counted"), 1);
    stage.become("desktop-twin");
    stage.reimage();
    EXPECT_EQ(stage.activate("suite", good).at("counted"), 1);
    EXPECT_EQ(stage.activate("suite", spent).code(), "activation_limit_reached");
    EXPECT_EQ(stage.state("suite"), "licensed");
    EXPECT_EQ(stage.product("suite").at("key_last5").as_string(), good.substr(good.size() - 5));
}

TEST(Limit, explain_says_so_before_anybody_tries) {
    Stage stage;
    stage.vendor().add_product("suite");
    const auto key = stage.vendor().sell("suite", "competency", 1);
    stage.install("suite");
    EXPECT_EQ(stage.activate("suite", key).at("counted"), 1);
    const auto preview = stage.explain("suite");
    ASSERT_EQ(preview.status, 200) << preview.code();
    EXPECT_EQ(preview.at("refusal").at("code"), "activation_limit_reached");
    EXPECT_EQ(preview.at("activations").at("left"), 0);
}

}  // namespace
}  // namespace latchkey::scenario
