#include "base/printable.h"

#include <gtest/gtest.h>

#include "agent/cli/table.h"

namespace latchkey::cli {
namespace {

TEST(Printable, harmless_text_stays_as_it_is) {
    for (const std::string text : {"", "Contoso Draw", "Käse 日本 🙂", "a\\b\"c|d"})
        EXPECT_EQ(printable(text), text);
}

TEST(Printable, terminal_escapes_lose_their_power) {
    EXPECT_EQ(printable("\x1b[2J\x1b]0;title\x07red"), "[2J]0;titlered");
    EXPECT_EQ(printable("a\rb\x08\x7f"), "ab");
    EXPECT_EQ(printable("\xc2\x9b"
                        "31m"),
              "31m");  // C1: an escape sequence in one character
    EXPECT_EQ(printable("two\nlines\tand"), "two lines and");
    EXPECT_EQ(printable_lines("two\nlines\x1b[m"), "two\nlines[m");
}

TEST(Printable, nobody_turns_the_reading_direction) {
    EXPECT_EQ(printable("user\u202egnp.exe"), "usergnp.exe");
    EXPECT_EQ(printable("\u2066a\u2069\u200f\u061c\ufeff\u2028"), "a");
    EXPECT_EQ(printable("\U000E0041tag"), "tag");
}

TEST(Printable, invalid_utf8_becomes_question_marks) {
    EXPECT_EQ(printable("\xff"), "?");
    EXPECT_EQ(printable("\xc0\xaf"), "??");            // overlong
    EXPECT_EQ(printable("\xed\xa0\x80"), "???");       // surrogate
    EXPECT_EQ(printable("\xf4\x90\x80\x80"), "????");  // beyond Unicode
    EXPECT_EQ(printable("\xe6\x97"), "??");            // cut off
    EXPECT_EQ(printable("\xe0\x80\x9b"
                        "m"),
              "???m");
}

TEST(Table, columns_line_up_and_nothing_trails) {
    Table table;
    table.heading({"A", "B", "C"});
    table.row({{"long cell"}, {"ä"}, {}});
    table.row({{"x"}, {}, {"end"}});
    EXPECT_EQ(table.text(false), "A          B  C\nlong cell  ä\nx             end\n");
}

TEST(Table, colours_do_not_move_columns_and_cells_cannot_colour_themselves) {
    Table table(2);
    table.row({{"ok", Tone::good}, {"\x1b[31mred"}});
    EXPECT_EQ(table.text(true), "  \x1b[32mok\x1b[0m  [31mred\n");
    EXPECT_EQ(table.text(false), "  ok  [31mred\n");
}

}  // namespace
}  // namespace latchkey::cli
