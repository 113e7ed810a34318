// The key server cannot be asked what an activation would cost. The agent says what it knows by
// itself, and why it had to.

#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

class Explain : public testing::Test {
protected:
    Explain() {
        stage.vendor().add_product("suite");
        key = stage.vendor().sell("suite", "ai-cloud", 5);
        stage.install("suite");
    }
    Stage stage;
    std::string key;
};

TEST_F(Explain, says_why_the_key_server_could_not_be_asked) {
    stage.activate("suite", key);
    EXPECT_TRUE(stage.explain("suite").at("key_server_problem").is_null());
    stage.vendor().reachable = false;
    const auto own = stage.explain("suite");
    ASSERT_EQ(own.status, 200) << own.code();
    EXPECT_EQ(own.at("source"), "agent");
    EXPECT_TRUE(own.at("refusal").is_null());
    const auto& problem = own.at("key_server_problem");
    EXPECT_EQ(problem.at("code"), "keyserver_unreachable");
    EXPECT_EQ(problem.at("retryable"), true);
    EXPECT_FALSE(problem.at("remedy").as_string().empty());
}

TEST_F(Explain, promises_nothing_for_another_key_or_after_the_license_was_ended) {
    stage.activate("suite", key);
    const auto other_key = stage.vendor().sell("suite", "competency", 5);
    stage.vendor().reachable = false;
    EXPECT_EQ(stage.explain("suite").at("would_use"), 0) << "the installed key, the same machine";
    const auto other = stage.explain("suite", other_key);
    EXPECT_EQ(other.at("would_use"), 1);
    EXPECT_TRUE(other.at("rule").is_null()) << "what that key counts is not known here";
    EXPECT_TRUE(other.at("activations").is_null());
    stage.vendor().reachable = true;
    stage.post("/v1/products/suite/deactivate");
    stage.vendor().reachable = false;
    EXPECT_EQ(stage.explain("suite", key).at("would_use"), 1);
    stage.vendor().reachable = true;
    EXPECT_EQ(stage.explain("suite", key).at("would_use"), 1) << "as the key server says";
}

TEST_F(Explain, without_anything_of_its_own_to_say_fails_with_that_reason) {
    stage.vendor().reachable = false;
    EXPECT_EQ(stage.explain("suite", key).code(), "keyserver_unreachable");
}

TEST_F(Explain, that_needs_no_key_server_has_no_problem_with_it) {
    stage.activate("suite", key);
    stage.vendor().reachable = false;
    stage.configure("[agent]\nrole = \"lab\"\n");
    const auto own = stage.explain("suite");
    EXPECT_EQ(own.at("source"), "agent");
    EXPECT_EQ(own.at("refusal").at("code"), "lab_mode");
    EXPECT_TRUE(own.at("key_server_problem").is_null());
}

}  // namespace
}  // namespace latchkey::scenario
