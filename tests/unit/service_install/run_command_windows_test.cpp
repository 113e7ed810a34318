#include "service-install/run_command.h"

#include <gtest/gtest.h>

namespace latchkey::service_install {
namespace {

TEST(RunCommand, gives_exit_code_and_output_of_both_streams) {
    const auto finished = run_command({"cmd.exe", "/c", "echo out& echo err>&2& exit 3"});
    ASSERT_TRUE(finished) << finished.error().detail;
    EXPECT_EQ(finished->exit_code, 3);
    EXPECT_EQ(finished->output, "out\nerr\n");
}

TEST(RunCommand, only_the_systems_own_programs_are_found) {
    EXPECT_FALSE(run_command({"no-such-program-here.exe"}));
    EXPECT_FALSE(run_command({R"(..\system32\hostname.exe)"}))
        << "that would be a way to programs of somebody else";
}

TEST(RunCommand, much_output_neither_blocks_nor_fills_memory) {
    const auto finished = run_command(
        {"cmd.exe", "/c", "for /l %i in (1,1,3000) do @echo 12345678901234567890123456"});
    ASSERT_TRUE(finished) << finished.error().detail;
    EXPECT_EQ(finished->exit_code, 0);
    EXPECT_GT(finished->output.size(), 32u * 1024);
    EXPECT_LE(finished->output.size(), 64u * 1024 + 4096);
}

}  // namespace
}  // namespace latchkey::service_install
