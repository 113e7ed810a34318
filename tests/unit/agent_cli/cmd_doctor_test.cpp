// latchkey doctor: what an admin reads, and what scripts get.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/cli/cmd.h"
#include "agent/localapi/problem_json.h"
#include "tests/unit/agent_cli/canned_agent.h"
#include "tests/unit/agent_cli/string_console.h"

namespace latchkey::cli {
namespace {

using testing::HasSubstr;

constexpr std::array kVerbs{Verb{"doctor", "", cmd_doctor}};

const std::string kSick =
    R"({"schema_version":"1.0","overall":"failed","items":[)"
    R"({"id":"configuration","finding":"ok","text":"/etc/latchkey/agent.toml is in force","remedy":null},)"
    R"({"id":"clock_difference","finding":"warning","text":"the clock here is 301 s behind","remedy":"Set it."},)"
    R"({"id":"dns","finding":"failed","text":"the name cannot be resolved","remedy":"Check [keyserver] url."},)"
    R"({"id":"route","finding":"skipped","text":"not tried","remedy":null}]})";
const std::string kWell =
    R"({"schema_version":"1.0","overall":"ok","items":[)"
    R"({"id":"tpm","finding":"note","text":"this machine shows no TPM 2.0","remedy":null}]})";

struct Visit {
    explicit Visit(const std::string& document)
        : agent(by_target({{"POST /v1/doctor", document}})) {}
    int call(std::vector<std::string_view> arguments) {
        const std::string endpoint = agent.endpoint();
        arguments.insert(arguments.end(), {"--socket", endpoint});
        return run(kVerbs, arguments, console);
    }
    StringConsole console;
    CannedAgent agent;
};

TEST(DoctorVerb, shows_each_item_with_its_remedy_and_exits_1_where_something_failed) {
    Visit visit(kSick);
    EXPECT_EQ(visit.call({"doctor"}), 1);
    EXPECT_EQ(visit.console.out_text,
              "ok       configuration     /etc/latchkey/agent.toml is in force\n"
              "warning  clock difference  the clock here is 301 s behind\n"
              "                           remedy: Set it.\n"
              "failed   dns               the name cannot be resolved\n"
              "                           remedy: Check [keyserver] url.\n"
              "skipped  route             not tried\n"
              "\n"
              "1 failed, 1 warning.\n");
}

TEST(DoctorVerb, says_so_where_nothing_is_wrong) {
    Visit visit(kWell);
    EXPECT_EQ(visit.call({"doctor"}), 0);
    EXPECT_THAT(visit.console.out_text, HasSubstr("Everything an activation needs is there.\n"));
}

TEST(DoctorVerb, does_not_promise_an_activation_where_there_is_no_product) {
    Visit visit(
        R"({"schema_version":"1.0","overall":"ok","items":[)"
        R"({"id":"products","finding":"note","text":"no product is configured here","remedy":null}]})");
    EXPECT_EQ(visit.call({"doctor"}), 0);
    EXPECT_THAT(visit.console.out_text, HasSubstr("no product is configured here.\n"));
    EXPECT_THAT(visit.console.out_text, Not(HasSubstr("Everything an activation needs")));
}

TEST(DoctorVerb, gives_scripts_the_agents_document_and_the_same_exit_code) {
    Visit visit(kSick);
    EXPECT_EQ(visit.call({"doctor", "--json"}), 1);
    EXPECT_EQ(visit.console.out_text, kSick + "\n");
}

TEST(DoctorVerb, an_agent_of_another_version_may_have_other_findings) {
    Visit visit(R"({"overall":"odd","items":[{"id":"x","finding":"a_longer_word","text":"y"}]})");
    EXPECT_EQ(visit.call({"doctor"}), 0);
    EXPECT_THAT(visit.console.out_text, HasSubstr("a_longer_word x"));
}

}  // namespace
}  // namespace latchkey::cli
