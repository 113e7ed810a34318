// What whoever manages the machine has set, beside agent.toml.

#include "agent/daemon/managed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/path_text.h"
#include "platform/paths.h"

namespace latchkey::daemon {
namespace {

using platform::OtherData;
using platform::PolicyData;
using platform::PolicyValue;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

PolicyValue value(std::vector<std::string> path, PolicyData data) {
    std::string origin = "HKLM\\P";
    for (std::size_t i = 0; i + 1 < path.size(); ++i) origin += "\\" + path[i];
    origin += " : " + path.back();
    return {std::move(path), std::move(data), std::move(origin)};
}

PolicyValue text(std::vector<std::string> path, std::string words) {
    return value(std::move(path), PolicyData(std::move(words)));
}

Result<Config> parse(const std::vector<PolicyValue>& policy, const std::string& toml = {}) {
    return parse_config({{"agent.toml", toml}}, policy);
}

std::string source_of(const Config& config, const std::string& setting) {
    for (const auto& one : config.settings)
        if (one.name == setting)
            return one.value + " @ " + one.source + " (" + std::string(name(one.by)) + ")";
    return "(none)";
}

/// Of whatever system this runs on.
std::string some_place() { return utf8_text(platform::default_paths().state_dir / "elsewhere"); }

TEST(Policy, every_setting_can_be_set) {
    for (const auto& rule : setting_rules()) {
        const auto dot = rule.name.find('.');
        const auto last = rule.name.rfind('.');
        std::vector<std::string> path{std::string(rule.name.substr(0, dot)),
                                      std::string(rule.name.substr(last + 1))};
        if (rule.of_many()) path.emplace_back("some.id");
        const auto sample = [&]() -> PolicyData {
            switch (rule.shape) {
                case Shape::choice:
                    return std::string(rule.choices.back());
                case Shape::flag:
                    return std::uint32_t{1};
                case Shape::text:
                    return std::string("words");
                case Shape::place:
                    return some_place();
                case Shape::url:
                    return std::string("https://keys.example.org");
                case Shape::proxy:
                    return std::string("http://proxy:3128");
                case Shape::country:
                    return std::string("DE");
            }
            return {};
        };
        std::vector<PolicyValue> policy{value(path, sample())};
        if (rule.name.starts_with("activate"))
            policy.push_back(text({"activate", "key_file", "some.id"}, "words"));
        const auto config = parse(policy);
        ASSERT_TRUE(config) << rule.name << config.error().detail;
        std::size_t managed = 0;
        for (const auto& setting : config->settings)
            if (setting.by == SetBy::policy) ++managed;
        EXPECT_GE(managed, 1u) << rule.name;
    }
}

TEST(Policy, wins_over_every_file) {
    const auto config =
        parse({text({"agent", "role"}, "lab"), text({"keyserver", "url"}, "https://policy"),
               value({"agent", "tpm_counter"}, std::uint32_t{1})},
              "[agent]\nrole = \"workstation\"\nephemeral = \"allow\"\n"
              "[keyserver]\nurl = \"https://file\"\nproxy = \"none\"\n");
    ASSERT_TRUE(config) << config.error().detail;
    EXPECT_EQ(config->role, core::Role::lab);
    EXPECT_TRUE(config->tpm_counter);
    EXPECT_EQ(config->keyserver.url, "https://policy");
    EXPECT_EQ(config->keyserver.proxy, "none") << "what the policy leaves open is the file's";
    EXPECT_EQ(source_of(*config, "agent.role"), "lab @ policy HKLM\\P\\agent : role (policy)");
    EXPECT_EQ(source_of(*config, "agent.ephemeral"), "allow @ agent.toml:3 (file)");
    EXPECT_EQ(source_of(*config, "agent.tpm"), "evidence @ default (default)");
    EXPECT_EQ(source_of(*config, "agent.tpm_counter"),
              "true @ policy HKLM\\P\\agent : tpm_counter (policy)");
}

TEST(Policy, names_are_those_of_the_file_in_any_case) {
    const auto config = parse(
        {text({"Agent", "Role"}, "lab"), text({"Publisher", "URL", "Example.org"}, "https://own")});
    ASSERT_TRUE(config) << config.error().detail;
    EXPECT_EQ(config->role, core::Role::lab);
    EXPECT_EQ(config->publishers.at("Example.org").url, "https://own") << "an id is kept";
}

TEST(Policy, a_publisher_is_the_values_name) {
    const auto config = parse({text({"publisher", "url", "one"}, "https://policy")},
                              "[publisher.one]\nurl = \"https://file\"\nproxy = \"none\"\n");
    ASSERT_TRUE(config) << config.error().detail;
    EXPECT_EQ(config->key_server_of("one", "").url, "https://policy");
    EXPECT_EQ(config->key_server_of("one", "").proxy, "none");
    EXPECT_EQ(source_of(*config, "publisher.one.url"),
              "https://policy @ policy HKLM\\P\\publisher\\url : one (policy)");
}

TEST(Policy, an_activation_of_its_own) {
    const auto config = parse({text({"activate", "when_counted", "suite"}, "proceed"),
                               text({"activate", "key_file", "suite"}, "suite.key"),
                               text({"activate", "consume", "suite"}, "true")});
    ASSERT_TRUE(config) << config.error().detail;
    ASSERT_EQ(config->activations.size(), 1u);
    const auto& wanted = config->activations[0];
    EXPECT_EQ(wanted.product, "suite");
    EXPECT_EQ(wanted.key_file, config->paths.inbox_dir / "suite.key");
    EXPECT_FALSE(wanted.hold);
    EXPECT_TRUE(wanted.consume);
}

TEST(Policy, changes_single_values_of_a_files_activation) {
    const auto config = parse({text({"activate", "when_counted", "suite"}, "hold")},
                              "[[activate]]\nproduct = \"suite\"\nkey_file = \"a.key\"\n"
                              "when_counted = \"proceed\"\nconsume = true\n");
    ASSERT_TRUE(config) << config.error().detail;
    ASSERT_EQ(config->activations.size(), 1u);
    EXPECT_TRUE(config->activations[0].hold);
    EXPECT_TRUE(config->activations[0].consume);
    EXPECT_THAT(source_of(*config, "activate.\"suite\".when_counted"), EndsWith("(policy)"));
    EXPECT_THAT(source_of(*config, "activate.\"suite\".key_file"), EndsWith("agent.toml:2 (file)"));
}

TEST(Policy, an_activation_without_key_file_is_refused) {
    const auto config = parse({text({"activate", "consume", "suite"}, "true")});
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().detail,
              "policy HKLM\\P\\activate\\consume : suite: neither the policy nor a file names this "
              "product's key_file");
}

TEST(Policy, more_activations_than_a_file_may_have_are_refused) {
    std::vector<PolicyValue> policy;
    for (std::size_t i = 0; i < kMaxActivations; ++i)
        policy.push_back(text({"activate", "key_file", std::to_string(i)}, "a.key"));
    EXPECT_TRUE(parse(policy));
    policy.push_back(text({"activate", "key_file", "one more"}, "a.key"));
    ASSERT_FALSE(parse(policy));
    EXPECT_THAT(parse(policy).error().detail, HasSubstr("more than 64"));
}

TEST(Policy, the_inbox_follows_the_state) {
    const auto config = parse({text({"paths", "state"}, some_place())});
    ASSERT_TRUE(config) << config.error().detail;
    EXPECT_EQ(config->paths.inbox_dir, config->paths.state_dir / "inbox");
}

struct Bad {
    PolicyValue value;
    std::string says;
};

class BadPolicy : public testing::TestWithParam<Bad> {};

TEST_P(BadPolicy, is_refused_saying_where_what_was_found_and_what_is_allowed) {
    const auto config = parse({GetParam().value});
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().code, Code::config_invalid);
    EXPECT_EQ(config.error().detail, "policy " + GetParam().value.origin + ": " + GetParam().says);
    EXPECT_THAT(config.error().remedy, Not(testing::IsEmpty()));
}

const std::string kFlag =
    "must be 1 or 0 (REG_DWORD), <true/> or <false/>, or the text \"true\" or \"false\" (REG_SZ, "
    "<string>)";
const std::string kText = "must be a text (REG_SZ, <string>)";
const std::string kLength = "must have between 1 and 1024 characters";

INSTANTIATE_TEST_SUITE_P(
    Values, BadPolicy,
    testing::Values(
        Bad{text({"agent", "role"}, "desktop"),
            "must be one of \"workstation\", \"lab\"; found \"desktop\""},
        Bad{value({"agent", "role"}, std::uint32_t{3}),
            kText + "; found the number 3 (REG_DWORD, <integer>)"},
        Bad{value({"agent", "role"}, std::vector<std::string>{"lab"}),
            kText + "; found a list of 1 (REG_MULTI_SZ, <array>)"},
        Bad{value({"agent", "role"}, OtherData{"REG_BINARY, 3 bytes"}),
            kText + "; found REG_BINARY, 3 bytes"},
        Bad{value({"agent", "tpm_counter"}, std::uint32_t{2}),
            kFlag + "; found the number 2 (REG_DWORD, <integer>)"},
        Bad{text({"agent", "tpm_counter"}, "yes"), kFlag + "; found \"yes\""},
        Bad{value({"agent", "tpm_counter"}, OtherData{"REG_DWORD, 3 bytes, which is no number"}),
            kFlag + "; found REG_DWORD, 3 bytes, which is no number"},
        Bad{text({"organization", "id"}, ""), kLength + "; found an empty text"},
        Bad{text({"organization", "id"}, std::string(10'000, 'x')),
            kLength + "; found a text of 10000 bytes"},
        Bad{text({"organization", "id"}, std::string("a\0b", 3)),
            "holds a control character; found \"ab\""},
        Bad{text({"organization", "country"}, "\xc3\x96"),
            "must be two capital letters, as in \"DE\"; found \"\xc3\x96\""},
        Bad{text({"keyserver", "url"}, "http://plain"),
            "must be https://HOST or https://HOST:PORT; found \"http://plain\""},
        Bad{text({"keyserver", "proxy"}, "http://user:secret@proxy"),
            "must be \"system\", \"none\" or http://HOST:PORT; found a text of 24 bytes"},
        Bad{text({"paths", "state"}, "relative"), "must be an absolute path; found \"relative\""},
        Bad{text({"publisher", "url", ""}, "https://x"), "the name " + kLength},
        Bad{text({"publisher", "url", std::string(2'000, 'x')}, "https://x"),
            "the name " + kLength}));

struct Unknown {
    PolicyValue value;
    std::string said;  ///< after its place
};

class UnknownPolicy : public testing::TestWithParam<Unknown> {};

TEST_P(UnknownPolicy, is_told_and_passed_over) {
    const auto config = parse({text({"agent", "role"}, "lab"), GetParam().value});
    ASSERT_TRUE(config) << config.error().detail;
    EXPECT_EQ(config->role, core::Role::lab) << "what is known is in force";
    EXPECT_THAT(config->unknown_policy, ElementsAre(GetParam().value.origin + GetParam().said));
}

INSTANTIATE_TEST_SUITE_P(
    Names, UnknownPolicy,
    testing::Values(Unknown{text({"agent", "rol"}, "lab"), ""}, Unknown{text({"role"}, "lab"), ""},
                    Unknown{text({""}, "lab"), ""},
                    Unknown{text({"agent", "role", "x"}, "lab"), ""},
                    Unknown{text({"a", "b", "c", "d"}, "lab"), ""},
                    Unknown{value({"agent", "later"}, OtherData{"REG_BINARY, 3 bytes"}), ""},
                    Unknown{text({"publisher", "*", "url"}, "https://x"),
                            " (it is publisher\\url : *)"},
                    Unknown{text({"activate", "suite", "key_file"}, "x"),
                            " (it is activate\\key_file : suite)"},
                    Unknown{text({"activate", "product", "suite"}, "x"), ""}));

TEST(Policy, what_is_unknown_is_told_in_one_sentence) {
    EXPECT_EQ(
        words_of_unknown({"HKLM\\P : a\x1b[2J"}),
        "This version does not know what the policy sets at HKLM\\P : a[2J: it is passed over.");
    const std::string many = words_of_unknown(std::vector<std::string>(1'000, "HKLM\\P : a"));
    EXPECT_THAT(many, HasSubstr("; and at 996 more"));
    EXPECT_LT(many.size(), 500u) << "a line of the log is cut there";
}

TEST(Policy, a_product_key_is_refused_and_shown_nowhere) {
    const std::string key = "ABCDE-FGHJK-MNPQR-STVWX-YZ234";
    for (const auto& bad :
         {text({"activate", "key", "suite"}, key), text({"activate", "suite", "product_key"}, key),
          text({"ProductKey"}, key), text({"activate", "key_file", "suite"}, key),
          text({"organization", "id"}, key), text({"agent", "role"}, key),
          text({"agent", "later"}, key), text({key}, "x"), text({"activate", "key_file", key}, "x"),
          value({"agent", "later"}, std::vector<std::string>{"x", key})}) {
        const auto config = parse({bad});
        ASSERT_FALSE(config) << bad.origin;
        EXPECT_THAT(config.error().detail, StartsWith("policy HKLM\\P"));
        EXPECT_THAT(config.error().detail, HasSubstr("product key"));
        EXPECT_THAT(config.error().detail + config.error().remedy, HasSubstr("key_file"))
            << "what to do instead";
        EXPECT_THAT(config.error().detail + config.error().remedy, Not(HasSubstr(key)));
    }
}

TEST(Policy, a_text_that_only_resembles_a_key_is_one_that_may_be_shown) {
    for (const char* fine : {"ABCDE-FGHJK-MNPQR-STVWX", "ABCDE-FGHJK-MNPQR-STVWX-YZ23",
                             "ABCDE-FGHJK-MNPQR-STVWX_YZ234", "ABCDE-FGHJK-MNPQR-STVWX-YZ23.",
                             "ABCD-EFGHJ-KMNPQ-RSTVW-XYZ2345"})
        EXPECT_TRUE(parse({text({"organization", "id"}, fine)})) << fine;
    EXPECT_FALSE(parse({text({"organization", "id"}, "abcde fghjk mnpqr stvwx yz234")}));
}

TEST(Policy, what_stands_in_an_error_moves_no_cursor) {
    for (const auto& bad :
         {text({"publisher", "url", "su\x1b[2Jite"}, "x"), text({"agent", "role"}, "x\x1b[2J"),
          text({"activate", "consume", "su\x1b[2Jite"}, "x")}) {
        const auto config = parse({bad});
        ASSERT_FALSE(config);
        EXPECT_EQ(config.error().detail.find('\x1b'), std::string::npos) << config.error().detail;
    }
}

}  // namespace
}  // namespace latchkey::daemon
