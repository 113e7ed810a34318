#include "agent/cli/verb.h"

#include <gtest/gtest.h>

#include "agent/cli/problem_text.h"
#include "tests/unit/agent_cli/string_console.h"

namespace latchkey::cli {
namespace {

Result<int> echo(Call& call) {
    std::string product;
    Options options("echo", "Says what it was told.");
    options.text("--product", product, "which");
    const auto go_on = parse_options(call, options);
    if (!go_on) return fail(go_on.error());
    if (*go_on) out(call.console, product + "|" + call.common.socket);
    return kDone;
}
Result<int> refuse(Call&) { return fail(Code::lab_mode, "because"); }
Result<int> throw_up(Call&) { throw std::runtime_error("out of luck"); }

constexpr std::array kVerbs{Verb{"echo", "says it", echo}, Verb{"refuse", "says no", refuse},
                            Verb{"throw", "breaks", throw_up}, kHelp};

struct Outcome {
    int exit_code;
    std::string out;
    std::string err;
};

Outcome call(std::vector<std::string_view> arguments) {
    StringConsole console;
    const int exit_code = run(kVerbs, arguments, console);
    return {exit_code, console.out_text, console.err_text};
}

TEST(Verb, common_options_stand_before_or_behind_the_verb) {
    for (const auto& arguments :
         std::vector<std::vector<std::string_view>>{{"echo", "--product", "a", "--socket", "/s"},
                                                    {"--socket", "/s", "echo", "--product", "a"},
                                                    {"--socket=/s", "echo", "--product=a"}}) {
        const Outcome got = call(arguments);
        EXPECT_EQ(got.exit_code, 0) << got.err;
        EXPECT_EQ(got.out, "a|/s");
    }
}

TEST(Verb, a_failure_is_words_on_standard_error_and_the_tables_exit_code) {
    const Outcome got = call({"refuse"});
    EXPECT_EQ(got.exit_code, 11);
    EXPECT_EQ(got.out, "");
    EXPECT_EQ(got.err,
              "error: This is a lab machine: it is reimaged often and does not spend activations.\n"
              "  because\n"
              "  remedy: Use the initial grace period and 'latchkey rearm', or set role = "
              "\"workstation\" in agent.toml.\n");
}

TEST(Verb, with_json_a_failure_is_a_document_alone_on_standard_output) {
    for (const auto& arguments :
         std::vector<std::vector<std::string_view>>{{"--json", "refuse"}, {"refuse", "--json"}}) {
        const Outcome got = call(arguments);
        EXPECT_EQ(got.exit_code, 11);
        EXPECT_EQ(got.err, "");
        EXPECT_TRUE(
            got.out.starts_with(R"({"schema_version":"1.0","error":{"code":"lab_mode","title":)"))
            << got.out;
        EXPECT_TRUE(got.out.ends_with("}}\n"));
    }
}

TEST(Verb, a_wrong_command_line_exits_64_also_as_json) {
    for (const auto& arguments : std::vector<std::vector<std::string_view>>{{},
                                                                            {"unknown"},
                                                                            {"--unknown", "echo"},
                                                                            {"echo", "--unknown"},
                                                                            {"--socket"},
                                                                            {"help", "unknown"}}) {
        const Outcome got = call(arguments);
        EXPECT_EQ(got.exit_code, 64);
        EXPECT_TRUE(got.err.starts_with("error: The command line is not understood.\n"));
    }
    const Outcome json = call({"echo", "--unknown", "--json"});
    EXPECT_EQ(json.exit_code, 64);
    EXPECT_NE(json.out.find(R"("code":"usage")"), std::string::npos);
}

TEST(Verb, a_wrong_verb_is_named_with_the_one_that_was_meant) {
    EXPECT_EQ(call({"ehco"}).err,
              "error: The command line is not understood.\n"
              "  there is no verb 'ehco'; did you mean 'echo'?\n"
              "  remedy: See 'latchkey --help'.\n");
    EXPECT_EQ(call({"help", "bogus"}).err,
              "error: The command line is not understood.\n"
              "  there is no verb 'bogus'\n"
              "  remedy: See 'latchkey --help'.\n");
}

TEST(Verb, an_exception_is_an_unexpected_failure_not_a_crash) {
    const Outcome got = call({"throw"});
    EXPECT_EQ(got.exit_code, 1);
    EXPECT_NE(got.err.find("out of luck"), std::string::npos);
}

TEST(Verb, help_is_found_every_way_it_is_looked_for) {
    const std::string overview = call({"help"}).out;
    EXPECT_NE(overview.find("  refuse  says no\n"), std::string::npos) << overview;
    EXPECT_EQ(call({"--help"}).out, overview);
    EXPECT_EQ(call({"-h"}).out, overview);
    const Outcome echo_help = call({"help", "echo"});
    EXPECT_EQ(echo_help.exit_code, 0);
    EXPECT_NE(echo_help.out.find("--product"), std::string::npos);
    EXPECT_EQ(call({"echo", "--help"}).out, echo_help.out);
    EXPECT_EQ(call({"--help", "echo"}).out, echo_help.out);
}

TEST(Verb, output_that_cannot_be_written_is_a_failure) {
    StringConsole console;
    console.disk_full = true;
    const std::vector<std::string_view> arguments{"echo"};
    EXPECT_EQ(run(kVerbs, arguments, console), 1);
}

TEST(ProblemText, cannot_carry_terminal_escapes) {
    const Problem hostile{Code::internal, "\x1b]0;owned\x07 \u202e", "\x1b[31mred\n\nfake"};
    EXPECT_EQ(problem_text(hostile),
              "error: Something unexpected went wrong.\n  ]0;owned \n  remedy: [31mred  fake\n");
}

TEST(ProblemText, json_escapes_what_json_must) {
    StringConsole console;
    print_problem(console, {Code::internal, "quote \" back \\ bell \x07", {}}, true);
    EXPECT_NE(console.out_text.find(R"("detail":"quote \" back \\ bell \u0007")"),
              std::string::npos)
        << console.out_text;
}

}  // namespace
}  // namespace latchkey::cli
