#include "agent/cli/look.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "agent/cli/terminal.h"
#include "base/printable.h"
#include "tests/fakes/system.h"
#include "tests/unit/agent_cli/string_console.h"

namespace latchkey::cli {
namespace {

Look narrow(std::size_t width) { return {.color = false, .unicode = true, .width = width}; }

TEST(Paragraph, breaks_between_words_and_indents_what_follows) {
    EXPECT_EQ(paragraph("  why  ", 7, {{"the hardware changed significantly"}}, narrow(26)),
              "  why  the hardware\n"
              "       changed\n"
              "       significantly\n");
}

TEST(Paragraph, cuts_a_word_that_is_longer_than_a_line) {
    EXPECT_EQ(paragraph("", 2, {{"see https://keys.contoso.example/activations now"}}, narrow(24)),
              "see\n"
              "  https://keys.contoso.e\n"
              "  xample/activations now\n");
}

TEST(Paragraph, keeps_a_command_on_one_line_where_it_fits_on_one) {
    const Line text{{"then go on: "}, {"latchkey rearm -p x", Tone::heading, true}};
    EXPECT_EQ(paragraph("", 2, text, narrow(30)), "then go on:\n  latchkey rearm -p x\n");
    EXPECT_EQ(paragraph("", 12, text, narrow(30)),
              "then go on: latchkey rearm -p\n            x\n");
}

TEST(Paragraph, colours_take_no_room_and_end_before_the_line_does) {
    const Look look{.color = true, .unicode = true, .width = 26};
    EXPECT_EQ(paragraph("", 0, {{"state "}, {"in grace, not activated yet", Tone::warning}}, look),
              "state \x1b[33min grace, not\x1b[0m\n\x1b[33mactivated yet\x1b[0m\n");
}

TEST(Paragraph, spans_that_touch_stay_together) {
    EXPECT_EQ(paragraph("", 0, {{"a lease of 18 days"}, {"; "}, {"(draw)"}, {":"}}, narrow(24)),
              "a lease of 18 days;\n(draw):\n");
}

TEST(Paragraph, of_nothing_is_its_lead) {
    EXPECT_EQ(paragraph("  why  ", 7, {}, narrow(80)), "  why\n");
}

TEST(Paragraph, counts_wide_characters_twice_and_marks_not_at_all) {
    EXPECT_EQ(columns("製品"), 4u);
    EXPECT_EQ(columns("e\u0301"), 1u);
    EXPECT_EQ(columns("█░●▲×…"), 6u);
    EXPECT_EQ(paragraph("", 0, {{"製品製品製品 製品製品製品"}}, narrow(24)),
              "製品製品製品\n製品製品製品\n");
}

TEST(Look, without_unicode_everything_is_ascii) {
    const Look look{.color = false, .unicode = false, .width = 80};
    EXPECT_EQ(shown("● “Zeichnung” – Größe… 製品 █░", look), "* \"Zeichnung\" - Gr??e... ?? #-");
}

TEST(Bar, shows_the_share_and_never_an_empty_bar_while_anything_is_left) {
    const auto text = [](const Line& line) { return line[0].text + line[1].text; };
    EXPECT_EQ(text(bar(18, 30, 10, Tone::good)), "██████░░░░");
    EXPECT_EQ(text(bar(0.1, 30, 10, Tone::good)), "█░░░░░░░░░");
    EXPECT_EQ(text(bar(0, 30, 10, Tone::good)), "░░░░░░░░░░");
    EXPECT_EQ(text(bar(31, 30, 10, Tone::good)), "██████████");
    EXPECT_EQ(text(bar(1, 0, 4, Tone::good)), "█░░░");
}

/// Sets a variable for as long as it lives.
class Variable {
public:
    Variable(const char* name, const char* value) : name_(name) {
        if (const char* const before = std::getenv(name)) before_ = before;
        value ? fakes::set_variable(name, value) : fakes::unset_variable(name);
    }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;
    ~Variable() { before_ ? fakes::set_variable(name_, *before_) : fakes::unset_variable(name_); }

private:
    const char* name_;
    std::optional<std::string> before_;
};

TEST(Look, is_unicode_where_the_locale_says_so) {
    const Variable all("LC_ALL", nullptr);
    const Variable ctype("LC_CTYPE", nullptr);
    for (const auto& [locale, unicode] :
         std::vector<std::pair<const char*, bool>>{{"de_DE.UTF-8", true},
                                                   {"C.utf8", true},
                                                   {"C", false},
                                                   {"de_DE.ISO-8859-15", false},
                                                   {"POSIX", false},
                                                   {"", false}}) {
        const Variable lang("LANG", locale);
        EXPECT_EQ(environment_is_unicode(), unicode) << locale;
    }
    const Variable lang("LANG", "de_DE.UTF-8");
    const Variable wins("LC_ALL", "C");
    EXPECT_FALSE(environment_is_unicode());
}

TEST(Look, has_colour_on_a_terminal_that_knows_it_and_wants_it) {
    const Variable refused("NO_COLOR", nullptr);
    const Variable term("TERM", "xterm-256color");
    StringConsole console;
    EXPECT_FALSE(look_of(console).color) << "a pipe";
    console.terminal = true;
    EXPECT_TRUE(look_of(console).color);
    const Variable dumb("TERM", "dumb");
    EXPECT_FALSE(look_of(console).color);
    const Variable again("TERM", "xterm");
    const Variable no_color("NO_COLOR", "1");
    EXPECT_FALSE(look_of(console).color);
}

TEST(Look, is_as_wide_as_the_window_then_as_COLUMNS_then_100) {
    const Variable none("COLUMNS", nullptr);
    StringConsole console;
    EXPECT_EQ(look_of(console).width, 100u);
    console.terminal = true;
    console.size = {57, 20};
    EXPECT_EQ(look_of(console).width, 57u);
    console.size = {0, 0};
    EXPECT_EQ(look_of(console).width, 80u) << "a serial line does not say";
    const Variable columns("COLUMNS", "132");
    EXPECT_EQ(look_of(console).width, 132u);
    const Variable nonsense("COLUMNS", "12x");
    EXPECT_EQ(look_of(console).width, 80u);
}

}  // namespace
}  // namespace latchkey::cli
