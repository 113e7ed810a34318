// latchkey redeem, run against canned answers.

#include <gtest/gtest.h>

#include <fstream>

#include "agent/cli/cloud_text.h"
#include "agent/cli/cmd.h"
#include "base/strict_json.h"
#include "licensing/product_key.h"
#include "tests/unit/agent_cli/canned_agent.h"
#include "tests/unit/agent_cli/string_console.h"

namespace latchkey::cli {
namespace {

constexpr std::array kVerbs{Verb{"redeem", "", cmd_redeem}};

using licensing::KeyKind;
using licensing::ProductKey;

const std::string kToken = ProductKey::make(KeyKind::token, 7, {1, 2, 3}).text();
const std::string kKey = ProductKey::make(KeyKind::product_key, 7, {1, 2, 3}).text();

const std::string kRedeemed =
    R"({"schema_version":"1.0","cloud_entitlement":{"service":"Contoso Cloud","program":"action-pack",
"seats":25,"token_last5":"ABCDE","ends_at":"2027-06-30T00:00:00Z","state":"active"},"note":null})";

struct Session {
    Session() : agent(by_target({{"POST /v1/redeem", kRedeemed}})) {}
    int call(std::vector<std::string_view> arguments) {
        console.out_text.clear();
        console.err_text.clear();
        const std::string endpoint = agent.endpoint();
        arguments.insert(arguments.end(), {"--socket", endpoint});
        return run(kVerbs, arguments, console);
    }
    bool says(std::string_view text) const {
        return (console.err_text + console.out_text).find(text) != std::string::npos;
    }
    StringConsole console;
    CannedAgent agent;
};

TEST(RedeemVerb, K3_says_what_the_token_gave_and_until_when) {
    Session session;
    session.console.input = kToken + "\n";
    EXPECT_EQ(session.call({"redeem", "-"}), 0);
    EXPECT_EQ(session.console.out_text,
              "Contoso Cloud: 25 seats under action-pack until 2027-06-30, with the token ending "
              "in ABCDE\n");
    EXPECT_NE(session.agent.requests().at(0).find(kToken), std::string::npos);
    EXPECT_EQ(session.call({"redeem", "-", "--json"}), 0);
    EXPECT_TRUE(session.says("cloud_entitlement"));
}

TEST(RedeemVerb, reads_a_file_or_asks_on_a_terminal) {
    Session session;
    const std::string file = testing::TempDir() + "latchkey_token_" + kToken.substr(24);
    std::ofstream(file) << "  " << kToken << "\r\n";
    EXPECT_EQ(session.call({"redeem", file}), 0);
    EXPECT_EQ(session.call({"redeem", file + ".none"}), 65);
    EXPECT_EQ(session.call({"redeem"}), 64) << "nobody can be asked";
    session.console.terminal = true;
    session.console.secrets = {kToken};
    EXPECT_EQ(session.call({"redeem"}), 0);
    EXPECT_EQ(session.console.err_text, "Token: ");
    EXPECT_EQ(session.agent.requests().size(), 2u);
}

TEST(RedeemVerb, K3_a_product_key_never_reaches_the_agent) {
    Session session;
    session.console.input = kKey;
    EXPECT_EQ(session.call({"redeem", "-"}), 12);
    EXPECT_TRUE(session.says("This is a product key, not a cloud-service token."));
    EXPECT_TRUE(session.says("latchkey activate"));
    session.console.input = "AAAAA-BBBBB";
    EXPECT_EQ(session.call({"redeem", "-"}), 12);
    EXPECT_TRUE(session.says("This is not a valid token."));
    session.console.input = "";
    EXPECT_EQ(session.call({"redeem", "-"}), 12);
    EXPECT_TRUE(session.agent.requests().empty());
}

TEST(RedeemVerb, a_token_on_the_command_line_is_refused_and_not_repeated) {
    Session session;
    EXPECT_EQ(session.call({"redeem", kToken}), 64);
    EXPECT_TRUE(session.says("standard input"));
    EXPECT_FALSE(session.says(kToken));
    EXPECT_TRUE(session.agent.requests().empty());
}

std::string words(std::string_view state, std::string_view ends_at,
                  std::string (*text)(View, WallTime) = cloud_words) {
    const bool warns = state == "ending" || state == "ended";
    const bj::value one(bj::object{{"service", "Contoso Cloud"},
                                   {"program", "action-pack"},
                                   {"seats", 1},
                                   {"ends_at", ends_at},
                                   {"state", state},
                                   {"severity", warns ? "warning" : "ok"}});
    return text(one, *parse_wall_time("2026-11-22T14:00:00Z"));
}

TEST(CloudText, K3_says_when_it_ends_or_ended) {
    EXPECT_EQ(words("active", "2027-06-30T00:00:00Z"),
              "Contoso Cloud (action-pack), 1 seat, until 2027-06-30 (in 219 days)");
    EXPECT_EQ(words("ending", "2026-12-04T14:00:00Z"),
              "Contoso Cloud (action-pack), 1 seat, ends in 12 days");
    EXPECT_EQ(words("ended", "2026-11-19T14:00:00Z"),
              "Contoso Cloud (action-pack), 1 seat, ended 3 days ago");
    EXPECT_EQ(words("renewed", "2026-11-19T14:00:00Z"),
              "Contoso Cloud (action-pack), 1 seat, ended 3 days ago, renewed by a later token");
    EXPECT_EQ(words("ending", "2026-12-04T14:00:00Z", cloud_warning),
              "Contoso Cloud ends in 12 days");
    EXPECT_EQ(words("active", "2027-06-30T00:00:00Z", cloud_warning), "");
}

}  // namespace
}  // namespace latchkey::cli
