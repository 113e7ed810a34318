#include "platform/clock.h"

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <string>

#include "platform/clock_ticks.h"
#include "platform/paths.h"
#include "platform/privileges.h"
#include "platform/random.h"

namespace latchkey::platform {
namespace {

TEST(SystemClock, boot_id_is_the_kernels) {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string expected;
    ASSERT_TRUE(std::getline(file, expected));
    EXPECT_EQ(system_clock()->now().boot_id, expected);
}

TEST(SystemClock, time_since_boot_agrees_with_the_kernels_uptime) {
    std::ifstream file("/proc/uptime");
    double uptime = 0;
    ASSERT_TRUE(file >> uptime);
    const auto now = system_clock()->now().since_boot.time_since_epoch();
    EXPECT_NEAR(static_cast<double>(now.count()) / 1000.0, uptime, 30.0);
}

TEST(SystemClock, time_since_boot_never_runs_backwards) {
    const auto clock = system_clock();
    auto before = clock->now();
    for (int i = 0; i < 1000; ++i) {
        const auto after = clock->now();
        ASSERT_GE(after.since_boot, before.since_boot);
        ASSERT_EQ(after.boot_id, before.boot_id);
        before = after;
    }
    EXPECT_GE(ticks_since_boot(), before.since_boot);
    EXPECT_GT(monotonic_microseconds(), 0u);
}

TEST(Random, two_draws_differ) {
    std::array<std::uint8_t, 32> first{};
    std::array<std::uint8_t, 32> second{};
    fill_random(first);
    fill_random(second);
    EXPECT_NE(first, second);
}

TEST(Paths, are_the_documented_ones) {
    EXPECT_EQ(default_paths().config_file, "/etc/latchkey/agent.toml");
    EXPECT_EQ(default_paths().endpoint, "/run/latchkey/agent.sock");
    EXPECT_EQ(default_paths().anchor_dir, "/var/lib/latchkey-anchor");
    EXPECT_EQ(os_name(), "linux");
}

TEST(Privileges, somebody_runs_this_somewhere) {
    EXPECT_FALSE(user_name().empty());
    EXPECT_FALSE(host_name().empty());
}

}  // namespace
}  // namespace latchkey::platform
