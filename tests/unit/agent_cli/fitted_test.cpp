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

TEST(Fitted, explain_and_activate_are_in_a_narrow_window_and_a_pipe_is_left_alone) {
    CannedAgent agent(by_target({{"GET /v1/status", kStatus},
                                 {"POST /v1/products/draw/explain", kPreview},
                                 {"POST /v1/products/draw/activate", kOutcome}}));
    const std::string endpoint = agent.endpoint();
    const std::array verbs{Verb{"explain", "", cmd_explain}, Verb{"activate", "", cmd_activate}};
    StringConsole console;
    console.size = {40, 24};
    const auto widest = [&](std::string_view verb) {
        console.out_text.clear();
        const std::vector<std::string_view> words{verb, "--product", "draw", "--socket", endpoint};
        EXPECT_EQ(run(verbs, words, console), 0) << console.err_text;
        const std::string& text = console.out_text;
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
    };
    for (const std::string_view verb : {"explain", "activate"}) {
        console.terminal = true;
        EXPECT_LE(widest(verb), 40u) << verb;
        console.terminal = false;
        EXPECT_GT(widest(verb), 40u) << verb;
    }
}

}  // namespace
}  // namespace latchkey::cli
