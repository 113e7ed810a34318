#include "agent/cli/key_input.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/unit/agent_cli/string_console.h"
#include "tests/unit/platform/temporary_directory.h"

namespace latchkey::cli {
namespace {

using licensing::KeyKind;
using licensing::ProductKey;

const std::string kKey = ProductKey::make(KeyKind::product_key, 7, {1, 2, 3, 4, 5}).text();
const std::string kToken = ProductKey::make(KeyKind::token, 7, {1, 2, 3, 4, 5}).text();

TEST(KeyInput, comes_from_a_file_from_standard_input_or_with_a_warning_from_the_command_line) {
    const platform::TemporaryDirectory directory;
    const std::string file = (directory / "key").string();
    std::ofstream(file) << "  " << kKey << "\r\n";
    StringConsole console;
    EXPECT_EQ(read_key({file, false, {}}, console), kKey);
    console.input = kKey + "\n";
    EXPECT_EQ(read_key({{}, true, {}}, console), kKey);
    EXPECT_EQ(console.err_text, "");
    EXPECT_EQ(read_key({{}, false, kKey}, console), kKey);
    EXPECT_NE(console.err_text.find("warning: a key on the command line is visible"),
              std::string::npos);
    EXPECT_EQ(console.err_text.find(kKey), std::string::npos);
}

TEST(KeyInput, none_named_is_none) {
    StringConsole console;
    const auto key = read_key({}, console);
    ASSERT_TRUE(key);
    EXPECT_FALSE(*key);
}

TEST(KeyInput, two_sources_are_one_too_many) {
    StringConsole console;
    EXPECT_EQ(read_key({"/f", true, {}}, console).error().code, Code::usage);
    EXPECT_EQ(read_key({{}, true, kKey}, console).error().code, Code::usage);
}

TEST(KeyInput, an_empty_key_is_malformed_and_not_the_installed_one) {
    StringConsole console;
    EXPECT_EQ(read_key({{}, false, ""}, console).error().code, Code::key_malformed);
    EXPECT_EQ(read_key({{}, true, {}}, console).error().code, Code::key_malformed);
    KeyOptions given;
    Options options("activate", "");
    given.declare(options);
    Common common;
    const std::vector<std::string_view> arguments{"--key", ""};
    const auto parsed = options.parse(arguments, common);
    ASSERT_TRUE(parsed) << parsed.error().detail;
    EXPECT_TRUE(given.given());
    EXPECT_EQ(read_key(given, console).error().code, Code::key_malformed);
}

TEST(KeyInput, a_missing_file_is_unreadable_input) {
    StringConsole console;
    EXPECT_EQ(read_key({"/nonexistent/key", false, {}}, console).error().code,
              Code::input_unreadable);
}

TEST(KeyInput, a_mistyped_key_is_refused_here_and_its_group_named_but_not_the_key) {
    std::string wrong = kKey;
    wrong[13] = wrong[13] == 'A' ? 'B' : 'A';  // third group
    StringConsole console;
    console.input = wrong;
    const auto key = read_key({{}, true, {}}, console);
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().code, Code::key_malformed);
    EXPECT_EQ(key.error().exit_code(), ExitCode::key_malformed);
    EXPECT_NE(key.error().detail.find("group"), std::string::npos) << key.error().detail;
    EXPECT_EQ(key.error().detail.find(wrong.substr(0, 5)), std::string::npos);
}

TEST(KeyInput, K2_a_token_is_recognised_before_any_network_traffic) {
    StringConsole console;
    console.input = kToken;
    const auto key = read_key({{}, true, {}}, console);
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().code, Code::token_not_key);
    EXPECT_EQ(static_cast<int>(key.error().exit_code()), 12);
}

TEST(KeyInput, typed_at_a_prompt_it_is_checked_alike) {
    StringConsole console;
    console.secrets = {kKey, kToken, "nonsense"};
    EXPECT_EQ(ask_for_key(console), kKey);
    EXPECT_EQ(ask_for_key(console).error().code, Code::token_not_key);
    EXPECT_EQ(ask_for_key(console).error().code, Code::key_malformed);
    EXPECT_EQ(console.err_text, "Product key: Product key: Product key: ");
}

}  // namespace
}  // namespace latchkey::cli
