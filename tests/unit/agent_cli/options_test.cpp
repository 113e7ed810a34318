#include "agent/cli/options.h"

#include <gtest/gtest.h>

namespace latchkey::cli {
namespace {

struct Read {
    std::string product;
    std::string output;
    std::string operand;
    bool flag = false;
    std::int64_t limit = 50;
    Common common;
    Result<Options::Parsed> parsed = Options::Parsed{};
};

Read read(std::vector<std::string_view> arguments, bool product_required = false) {
    Read read;
    Options options("demo", "A verb of this test.");
    options.text("--product", read.product, "which", product_required);
    options.text("-o,--output", read.output, "file");
    options.flag("--flag", read.flag, "a flag");
    options.number("--limit", read.limit, 1, 100, "how many");
    options.operand("file", read.operand, "a file");
    read.parsed = options.parse(arguments, read.common);
    return read;
}

TEST(Options, are_read_in_any_order_and_spelling) {
    for (const auto& arguments : std::vector<std::vector<std::string_view>>{
             {"--product", "draw", "--json", "in", "-o", "out", "--limit", "7", "--flag"},
             {"in", "--flag", "--limit", "7", "--output", "out", "--json", "--product", "draw"},
             {"--product=draw", "--json", "in", "-oout", "--limit=7", "--flag"}}) {
        const Read got = read(arguments);
        ASSERT_TRUE(got.parsed) << got.parsed.error().detail;
        EXPECT_EQ(got.product, "draw");
        EXPECT_EQ(got.output, "out");
        EXPECT_EQ(got.operand, "in");
        EXPECT_EQ(got.limit, 7);
        EXPECT_TRUE(got.flag && got.common.json);
    }
}

TEST(Options, have_defaults) {
    const Read got = read({});
    ASSERT_TRUE(got.parsed);
    EXPECT_EQ(got.limit, 50);
    EXPECT_FALSE(got.flag || got.common.json);
    EXPECT_EQ(got.common.timeout, Duration(seconds{30}));
}

TEST(Options, common_ones_reach_every_verb) {
    const Read got = read({"--socket", "/s", "--config", "/c", "--timeout", "3"});
    ASSERT_TRUE(got.parsed);
    EXPECT_EQ(got.common.socket, "/s");
    EXPECT_EQ(got.common.config, "/c");
    EXPECT_EQ(got.common.timeout, Duration(seconds{3}));
}

TEST(Options, mistakes_are_usage_errors) {
    for (const auto& arguments :
         std::vector<std::vector<std::string_view>>{{"--prodct", "draw"},
                                                    {"--product"},
                                                    {"--product", "a", "--product", "b"},
                                                    {"--limit", "0"},
                                                    {"--limit", "101"},
                                                    {"--limit", "7x"},
                                                    {"--timeout", "0"},
                                                    {"--timeout", "-5"},
                                                    {"in", "another"},
                                                    {"-x"}}) {
        const Read got = read(arguments);
        ASSERT_FALSE(got.parsed) << arguments.front();
        EXPECT_EQ(got.parsed.error().code, Code::usage);
    }
}

TEST(Options, a_required_one_is_missed) {
    EXPECT_FALSE(read({}, true).parsed);
    EXPECT_FALSE(read({"--flag"}, true).parsed);
    EXPECT_TRUE(read({"--product", "draw"}, true).parsed);
    EXPECT_TRUE(read({"--product=draw"}, true).parsed);
}

TEST(Options, help_names_every_option) {
    const Read got = read({"--help"}, true);
    ASSERT_TRUE(got.parsed);
    EXPECT_TRUE(got.parsed->help_wanted);
    for (const char* word : {"latchkey demo", "--product", "-o,--output", "--flag", "--limit",
                             "file", "--json", "--socket", "--config", "--timeout"})
        EXPECT_NE(got.parsed->help.find(word), std::string::npos) << word;
}

}  // namespace
}  // namespace latchkey::cli
