#include "service-install/run_command.h"

#include <gtest/gtest.h>

namespace latchkey::service_install {
namespace {

TEST(RunCommand, gives_exit_code_and_output_of_both_streams) {
    const auto finished = run_command({"sh", "-c", "echo out; echo err >&2; exit 3"});
    ASSERT_TRUE(finished);
    EXPECT_EQ(finished->exit_code, 3);
    EXPECT_EQ(finished->output, "out\nerr\n");
}

TEST(RunCommand, passes_words_as_they_are) {
    const auto finished = run_command({"printf", "%s|", "a b", "$HOME", "*"});
    ASSERT_TRUE(finished);
    EXPECT_EQ(finished->output, "a b|$HOME|*|");
}

TEST(RunCommand, a_missing_or_killed_program_is_a_failure) {
    EXPECT_FALSE(run_command({"no-such-program-here"}));
    EXPECT_FALSE(run_command({"sh", "-c", "kill -9 $$"}));
}

TEST(RunCommand, much_output_neither_blocks_nor_fills_memory) {
    const auto finished = run_command({"head", "-c", "1000000", "/dev/zero"});
    ASSERT_TRUE(finished);
    EXPECT_EQ(finished->exit_code, 0);
    EXPECT_LE(finished->output.size(), 64u * 1024 + 4096);
}

}  // namespace
}  // namespace latchkey::service_install
