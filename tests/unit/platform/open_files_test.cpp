#include "platform/open_files.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace latchkey::platform {
namespace {

TEST(OpenFiles, limit_is_raised_as_far_as_the_system_lets_it_and_never_lowered) {
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    rlimit low = before;
    low.rlim_cur = 64;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
    EXPECT_EQ(allow_open_files(128), 128u);
    EXPECT_EQ(allow_open_files(100), 128u) << "what is more than enough stays";
    EXPECT_LE(allow_open_files(1'000'000'000), before.rlim_max);
    ::setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
}  // namespace latchkey::platform
