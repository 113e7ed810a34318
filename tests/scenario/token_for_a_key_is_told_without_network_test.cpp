// Somebody types a token, or mistypes the key. The agent says so by itself: nothing goes out.

#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

struct Desk {
    Stage stage;
    std::string key;
    Desk() {
        stage.vendor().add_product("suite");
        key = stage.vendor().sell("suite", "ai-cloud", 5);
        stage.install("suite");
    }
};

TEST(Token, K2_is_recognised_before_any_network_traffic) {
    Desk story;
    const auto token = story.stage.vendor().issue_token("suite");
    EXPECT_EQ(story.stage.activate("suite", token).code(), "token_not_key");
    EXPECT_EQ(story.stage.explain("suite", token).code(), "token_not_key");
    EXPECT_EQ(story.stage.vendor().connections, 0);
}

TEST(Token, K1_a_mistyped_key_is_recognised_before_any_network_traffic) {
    Desk story;
    std::string mistyped = story.key;
    mistyped[7] = mistyped[7] == 'A' ? 'B' : 'A';
    const auto refused = story.stage.activate("suite", mistyped);
    EXPECT_EQ(refused.code(), "key_malformed");
    EXPECT_EQ(refused.detail().find(mistyped), std::string::npos) << "a key is never repeated";
    EXPECT_EQ(story.stage.vendor().connections, 0);
}

TEST(Token, a_key_of_another_product_is_recognised_too) {
    Desk story;
    story.stage.vendor().add_product("tool");
    const auto other = story.stage.vendor().sell("tool", "ai-cloud", 5);
    EXPECT_EQ(story.stage.activate("suite", other).code(), "key_wrong_product");
    EXPECT_EQ(story.stage.vendor().connections, 0);
}

TEST(EmptyKey, is_malformed_and_never_the_installed_one) {
    Stage stage;
    stage.vendor().add_product("suite");
    const auto key = stage.vendor().sell("suite", "ai-cloud", 10);
    stage.install("suite");
    ASSERT_EQ(stage.activate("suite", key).status, 200);
    const int decisions = stage.vendor().decisions;
    for (const std::string verb : {"activate", "explain"})
        EXPECT_EQ(stage.post("/v1/products/suite/" + verb, {{"key", ""}}).code(), "key_malformed");
    EXPECT_EQ(stage.vendor().decisions, decisions);
}

}  // namespace
}  // namespace latchkey::scenario
