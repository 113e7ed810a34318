#include "base/problem.h"

#include <gtest/gtest.h>

#include <set>

namespace latchkey {
namespace {

TEST(Problem, every_code_has_a_unique_name_a_title_and_a_remedy) {
    std::set<std::string_view> names;
    for (const auto& row : all_problems()) {
        EXPECT_TRUE(names.insert(row.name).second) << row.name;
        EXPECT_FALSE(row.title.empty()) << row.name;
        EXPECT_FALSE(row.remedy.empty()) << row.name;
        EXPECT_EQ(code_from_name(row.name), row.code);
        EXPECT_NE(row.exit_code, ExitCode::ok) << row.name;
        EXPECT_GE(row.http_status, 400) << row.name;
    }
}

// The names other people's scripts depend on; the list grows, no line of it ever changes.
TEST(Problem, contract_codes_are_all_there) {
    for (const auto* name : {"activation_limit_reached",
                             "would_count",
                             "confirmation_required",
                             "needs_admin",
                             "key_malformed",
                             "token_not_key",
                             "key_unknown",
                             "key_blocked",
                             "activate_by_passed",
                             "platform_excluded",
                             "os_not_qualified",
                             "location_unknown",
                             "territory",
                             "organization_mismatch",
                             "cap_reached",
                             "version_window",
                             "activation_not_required",
                             "lab_mode",
                             "evidence_insufficient",
                             "ephemeral_machine",
                             "hardware_unreadable",
                             "signature_invalid",
                             "reply_not_fresh",
                             "clock_behind",
                             "clock_ahead",
                             "suspected_clone",
                             "license_revoked",
                             "license_expired",
                             "state_corrupt",
                             "state_newer",
                             "agent_unreachable",
                             "keyserver_unreachable",
                             "tls_untrusted",
                             "tls_intercepted",
                             "captive_portal",
                             "not_permitted",
                             "config_invalid",
                             "manifest_invalid",
                             "agent_too_old",
                             "rate_limited",
                             "challenge_expired",
                             "version_not_newer",
                             "database_unavailable",
                             "path_unknown",
                             "method_not_allowed"}) {
        EXPECT_TRUE(code_from_name(name)) << name;
    }
    EXPECT_FALSE(code_from_name("no_such_code"));
}

TEST(Problem, C7_limit_is_told_in_the_words_of_the_program) {
    EXPECT_EQ(info(Code::activation_limit_reached).title,
              "You have reached the maximum number of activations for this product key.");
}

TEST(Problem, a_remedy_of_its_own_replaces_the_tables) {
    EXPECT_EQ((Problem{Code::usage, "", ""}.remedy_text()), info(Code::usage).remedy);
    EXPECT_EQ((Problem{Code::usage, "", "Say --product."}.remedy_text()), "Say --product.");
}

}  // namespace
}  // namespace latchkey
