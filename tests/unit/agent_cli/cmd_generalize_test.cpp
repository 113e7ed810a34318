// latchkey generalize: what an admin reads, and what scripts get.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/cli/cmd.h"
#include "agent/localapi/problem_json.h"
#include "base/strict_json.h"
#include "tests/unit/agent_cli/canned_agent.h"
#include "tests/unit/agent_cli/string_console.h"

namespace latchkey::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::array kVerbs{Verb{"generalize", "", cmd_generalize}};

const std::string kDryRun =
    R"({"schema_version":"1.0","dry_run":true,"generalized":false,"at":null,"agent_version":"0.1.0",)"
    R"("removed":[{"what":"licenses","count":2,"detail":"cad, draw"},{"what":"device_keys","count":1,"detail":"contoso.example"}],)"
    R"("kept":[{"what":"configuration","count":1,"detail":"/etc/latchkey/agent.toml"}],)"
    R"("warnings":["Activations are consumed, not lent."],)"
    R"("refusal":{"code":"request_pending","title":"A request is out.","detail":"draw","retryable":true,"remedy":"Wait."},"report":null})";
const std::string kDone =
    R"({"schema_version":"1.0","dry_run":false,"generalized":true,"at":"2026-11-22T13:51:00Z","agent_version":"0.1.0",)"
    R"("removed":[{"what":"licenses","count":2,"detail":"cad, draw"},{"what":"something_newer","count":1,"detail":"x"}],)"
    R"("kept":[],"warnings":[],"refusal":null,"report":"/var/lib/latchkey/generalized.json"})";
const std::string kClean =
    R"({"schema_version":"1.0","clean":true,"generalized":true,"at":"2026-11-22T13:51:00Z","remains":[],)"
    R"("kept":[{"what":"manifests","count":1,"detail":"draw.jws"}],"report":"/var/lib/latchkey/generalized.json"})";
const std::string kUnclean =
    R"({"schema_version":"1.0","clean":false,"generalized":true,"at":"2026-11-22T13:51:00Z",)"
    R"("remains":[{"what":"quarantined_state","count":1,"detail":"state.corrupt-1"}],"kept":[],"report":null})";

struct Session {
    explicit Session(const std::string& document)
        : agent(by_target({{"POST /v1/generalize", document}})) {}
    explicit Session(Code code)
        : agent([code](const std::string&) {
              return http(info(code).http_status,
                          json::to_text(localapi::error_json({code, "draw", {}})));
          }) {}
    int call(std::vector<std::string_view> arguments) {
        console.out_text.clear();
        const std::string endpoint = agent.endpoint();
        arguments.insert(arguments.end(), {"--socket", endpoint});
        return run(kVerbs, arguments, console);
    }
    StringConsole console;
    CannedAgent agent;
};

TEST(GeneralizeVerb, dry_run_shows_what_goes_what_stays_and_what_stands_in_the_way) {
    Session session(kDryRun);
    EXPECT_EQ(session.call({"generalize", "--dry-run"}), 0);
    EXPECT_EQ(session.console.out_text,
              "WOULD REMOVE         COUNT  WHICH\n"
              "licenses and leases  2      cad, draw\n"
              "device keys          1      contoso.example\n"
              "\n"
              "STAYS          COUNT  WHICH\n"
              "configuration  1      /etc/latchkey/agent.toml\n"
              "\n"
              "warning: Activations are consumed, not lent.\n"
              "It would be refused: A request is out. (draw)\n"
              "  remedy: Wait.\n"
              "Nothing was changed.\n");
    EXPECT_EQ(body_of(session.agent.requests().back()), R"({"dry_run":true})");
}

TEST(GeneralizeVerb, says_what_was_removed_and_what_to_do_next) {
    Session session(kDone);
    EXPECT_EQ(session.call({"generalize"}), 0);
    EXPECT_THAT(session.console.out_text, HasSubstr("REMOVED"));
    EXPECT_THAT(session.console.out_text, HasSubstr("something_newer"));
    EXPECT_THAT(session.console.out_text, HasSubstr("/var/lib/latchkey/generalized.json"));
    EXPECT_THAT(session.console.out_text, HasSubstr("capture the image"));
    EXPECT_EQ(body_of(session.agent.requests().back()), "{}");
}

TEST(GeneralizeVerb, verify_exits_0_for_a_clean_image_and_11_with_a_list_otherwise) {
    Session clean(kClean);
    EXPECT_EQ(clean.call({"generalize", "--verify"}), 0);
    EXPECT_THAT(clean.console.out_text, HasSubstr("Clean: nothing of this machine remains"));
    Session unclean(kUnclean);
    EXPECT_EQ(unclean.call({"generalize", "--verify"}), 11);
    EXPECT_THAT(unclean.console.out_text,
                HasSubstr("damaged state set aside  1      state.corrupt-1"));
    EXPECT_EQ(unclean.call({"generalize", "--verify", "--json"}), 11);
    EXPECT_EQ(unclean.console.out_text, kUnclean + "\n");
}

TEST(GeneralizeVerb, passes_the_agents_refusals_on) {
    Session pending(Code::request_pending);
    EXPECT_EQ(pending.call({"generalize"}), 11);
    EXPECT_THAT(pending.console.err_text, HasSubstr("--force"));
    EXPECT_EQ(pending.call({"generalize", "--force"}), 11);
    EXPECT_EQ(body_of(pending.agent.requests().back()), R"({"force":true})");
    Session user(Code::not_permitted);
    EXPECT_EQ(user.call({"generalize", "--verify", "--json"}), 77);
    EXPECT_THAT(user.console.out_text, HasSubstr("not_permitted"));
}

TEST(GeneralizeVerb, verifying_and_trying_are_two_things) {
    Session session(kClean);
    EXPECT_EQ(session.call({"generalize", "--verify", "--dry-run"}), 64);
    EXPECT_EQ(session.call({"generalize", "--verify", "--force"}), 64);
    EXPECT_TRUE(session.agent.requests().empty());
}

TEST(GeneralizeVerb, words_of_the_agent_cannot_move_the_cursor) {
    Session session(
        R"({"schema_version":"1.0","dry_run":true,"removed":[{"what":"a\u001b[2J","count":1,"detail":"b\u001b[2J"}],)"
        R"("kept":[],"warnings":["c\u001b[2J"],"refusal":null})");
    EXPECT_EQ(session.call({"generalize", "--dry-run"}), 0);
    EXPECT_THAT(session.console.out_text, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace latchkey::cli
