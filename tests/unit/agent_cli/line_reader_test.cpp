#include "agent/cli/line_reader.h"

#include <gtest/gtest.h>

#include <memory>

namespace latchkey::cli {
namespace {

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

std::vector<std::string> lines_of(const std::string& text, std::size_t max_line) {
    const std::unique_ptr<std::FILE, CloseFile> file(std::tmpfile());
    std::fwrite(text.data(), 1, text.size(), file.get());
    std::rewind(file.get());
    LineReader reader(file.get(), max_line);
    std::vector<std::string> lines;
    while (const auto line = reader.next())
        lines.push_back(line->too_long ? "<too long>" : std::string(line->text));
    EXPECT_FALSE(reader.failed());
    return lines;
}

using Lines = std::vector<std::string>;

TEST(LineReader, finds_every_line_with_or_without_a_last_break) {
    EXPECT_EQ(lines_of("", 10), Lines{});
    EXPECT_EQ(lines_of("a\n\nb\n", 10), (Lines{"a", "", "b"}));
    EXPECT_EQ(lines_of("a\nb", 10), (Lines{"a", "b"}));
}

TEST(LineReader, passes_over_a_line_that_is_too_long_and_goes_on) {
    const std::string long_line(300'000, 'x');
    EXPECT_EQ(lines_of("a\n" + long_line + "\nb\n", 10), (Lines{"a", "<too long>", "b"}));
    EXPECT_EQ(lines_of("a\n" + long_line, 10), (Lines{"a", "<too long>"}));
    EXPECT_EQ(lines_of("12345678901\n1234567890\n", 10), (Lines{"<too long>", "1234567890"}));
    EXPECT_EQ(lines_of(long_line + "\n" + long_line + "\n", 300'000),
              (Lines{long_line, long_line}));
}

TEST(LineReader, lines_across_every_piece_boundary_stay_whole) {
    std::string text;
    Lines expected;
    for (std::size_t length = 0; length < 700; ++length) {
        expected.push_back(std::string(length, static_cast<char>('a' + length % 26)));
        text += expected.back() + "\n";
    }
    EXPECT_GT(text.size(), 3u * 64 * 1024);
    EXPECT_EQ(lines_of(text, 1000), expected);
}

}  // namespace
}  // namespace latchkey::cli
