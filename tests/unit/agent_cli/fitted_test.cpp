// Text that was not laid out for a window is made to fit into it.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "agent/cli/cmd.h"
#include "agent/cli/look.h"
#include "agent/cli/verb.h"
#include "tests/unit/agent_cli/canned_agent.h"
#include "tests/unit/agent_cli/documents.h"
#include "tests/unit/agent_cli/string_console.h"

namespace latchkey::cli {
namespace {

TEST(Fitted, leaves_lines_that_fit_and_breaks_the_others_between_words) {
    const std::string text = "A short one.\n\n  remedy: Ask the administrator of the key server.\n";
    EXPECT_EQ(fitted(text, {.width = 80}), text);
    EXPECT_EQ(fitted(text, {.width = 24}),
              "A short one.\n"
              "\n"
              "  remedy: Ask the\n"
              "    administrator of the\n"
              "    key server.\n");
}

TEST(Fitted, keeps_the_columns_of_a_table_and_counts_no_colours) {
    EXPECT_EQ(fitted("nic   \x1b[33mchanged\x1b[0m   replaced by another", {.width = 26}),
              "nic   \x1b[33mchanged\x1b[0m   replaced\n  by another");
}

TEST(Fitted, a_word_that_fits_nowhere_stays_whole) {
    EXPECT_EQ(fitted("see https://keys.example.org/", {.width = 10}),
              "see\n  https://keys.example.org/");
}

/// The columns of the widest line.
std::size_t widest(std::string_view text) {
    std::size_t most = 0;
    std::size_t width = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\x1b')
            i = text.find('m', i);
        else
            width = text[i] == '\n' ? 0 : width + 1;
        most = std::max(most, width);
    }
    return most;
}

TEST(Fitted, what_a_verb_says_is_in_a_narrow_window_and_a_pipe_is_left_alone) {
    const std::string ended =
        R"({"schema_version":"1.0","product":"draw","state":"unlicensed","returned":false})";
    const std::string restarted =
        R"({"schema_version":"1.0","product":"draw","state":"extended_grace","grace":)"
        R"({"kind":"extended","ends_at":null,"remaining_s":2592000,"rearms_left":2}})";
    const std::string settings =
        R"({"settings":[{"name":"agent.role","value":"lab","source":"/etc/latchkey/agent.toml:2"}]})";
    const std::string done =
        R"({"schema_version":"1.0","dry_run":false,"generalized":true,"at":"2026-11-22T13:51:00Z",)"
        R"("removed":[{"what":"device_keys","count":1,"detail":"contoso.example"}],)"
        R"("kept":[],"warnings":[],"refusal":null,"report":"/var/lib/generalized.json"})";
    CannedAgent agent(by_target({{"GET /v1/status", kStatus},
                                 {"GET /v1/config", settings},
                                 {"POST /v1/products/draw/explain", kPreview},
                                 {"POST /v1/products/draw/activate", kOutcome},
                                 {"POST /v1/products/draw/deactivate", ended},
                                 {"POST /v1/products/draw/rearm", restarted},
                                 {"POST /v1/generalize", done}}));
    const std::string endpoint = agent.endpoint();
    const std::array verbs{
        Verb{"explain", "", cmd_explain},       Verb{"activate", "", cmd_activate},
        Verb{"deactivate", "", cmd_deactivate}, Verb{"rearm", "", cmd_rearm},
        Verb{"config", "", cmd_config},         Verb{"generalize", "", cmd_generalize}};
    StringConsole console;
    console.size = {40, 24};
    using Words = std::vector<std::string_view>;
    for (Words words :
         {Words{"explain", "--product", "draw"}, Words{"activate", "--product", "draw"},
          Words{"deactivate", "--product", "draw"}, Words{"rearm", "--product", "draw"},
          Words{"config", "show"}, Words{"generalize"}}) {
        const std::string verb(words.front());
        words.insert(words.end(), {"--socket", endpoint});
        for (const bool window : {true, false}) {
            console.terminal = window;
            console.out_text.clear();
            EXPECT_EQ(run(verbs, words, console), 0) << console.err_text;
            EXPECT_EQ(widest(console.out_text) <= 40, window) << console.out_text;
        }
    }
}

TEST(Fitted, an_error_and_its_remedy_are_in_a_narrow_window_too) {
    const std::array verbs{Verb{"explain", "", cmd_explain}};
    StringConsole console;
    console.size = {40, 24};
    for (const bool window : {true, false}) {
        console.terminal = window;
        console.err_text.clear();
        const std::vector<std::string_view> words{"explain", "--product", "draw", "--socket",
                                                  "/run/nowhere.sock"};
        EXPECT_NE(run(verbs, words, console), 0);
        EXPECT_EQ(widest(console.err_text) <= 40, window) << console.err_text;
    }
}

}  // namespace
}  // namespace latchkey::cli
