#include "agent/core/backoff.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>

namespace latchkey::core {
namespace {

const Policy policy;
constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

TEST(RetryDelay, climbs_the_ladder_and_stays_on_its_top) {
    for (int i = 0; i < static_cast<int>(kRetryLadder.size()); ++i)
        EXPECT_EQ(retry_delay(i, {}, 0, policy), kRetryLadder[static_cast<std::size_t>(i)]);
    EXPECT_EQ(retry_delay(18, {}, 0, policy), kRetryForever);
    EXPECT_EQ(retry_delay(1'000'000, {}, 0, policy), kRetryForever);
    EXPECT_EQ(retry_delay(-1, {}, 0, policy), kRetryLadder[0]);
}

TEST(RetryDelay, jitter_spreads_over_a_fifth_also_at_the_cap) {
    std::set<Duration> seen;
    for (std::uint64_t random = 0; random < 1000; ++random) {
        const auto wait = retry_delay(99, {}, random * 0x9e3779b97f4a7c15u, policy);
        EXPECT_GE(wait, kRetryForever);
        EXPECT_LE(wait, kRetryForever + kRetryForever / 5);
        seen.insert(wait);
    }
    EXPECT_GT(seen.size(), 990u) << "a herd that retries in step is an outage of its own";
}

TEST(RetryDelay, the_servers_word_wins_within_bounds) {
    EXPECT_EQ(retry_delay(0, hours{5}, 0, policy), hours{5});
    EXPECT_EQ(retry_delay(0, seconds{1}, 0, policy), policy.retry_after_min);
    EXPECT_EQ(retry_delay(0, Days{400}, 0, policy), policy.retry_after_max);
    EXPECT_GT(retry_delay(0, Days{400}, 12345, policy), policy.retry_after_max)
        << "jitter comes after the cap";
}

TEST(RetryDelay, none_is_longer_than_the_longest) {
    for (const std::uint64_t random : {std::uint64_t{0}, std::uint64_t{12345}, kMost}) {
        EXPECT_LE(retry_delay(99, {}, random, policy), longest_retry_delay(policy));
        EXPECT_LE(retry_delay(0, Days{400}, random, policy), longest_retry_delay(policy));
    }
}

TEST(WaitWithinGrace, brings_one_more_attempt_before_the_end) {
    EXPECT_EQ(wait_within_grace(Days{2}, Days{10}, kMost, policy), Days{2}) << "in time anyhow";
    for (std::uint64_t random = 0; random < 500; ++random) {
        const auto wait = wait_within_grace(Days{7}, Days{5}, random * 0x9e3779b97f4a7c15u, policy);
        EXPECT_GE(wait, Days{4} - kLastTry);
        EXPECT_LE(wait, Days{5} - kLastTry);
    }
}

TEST(WaitWithinGrace, ends_and_the_ladder_goes_on) {
    Duration left = Days{5};
    int attempts = 0;
    for (; left > 2 * kLastTry; ++attempts) left -= wait_within_grace(Days{7}, left, 0, policy);
    EXPECT_LE(attempts, 3);
    EXPECT_EQ(wait_within_grace(Days{7}, left, 0, policy), Days{7});
    EXPECT_EQ(wait_within_grace(Days{7}, -Days{1}, 0, policy), Days{7}) << "it is over";
}

TEST(NextRenewal, is_drawn_from_the_servers_window) {
    const ServerTime now{Days{1000}};
    const auto from = now + Days{3};
    const auto to = now + Days{5};
    for (std::uint64_t random = 0; random < 500; ++random) {
        const auto at = next_renewal(now, from, to, Days{7}, random * 0x9e3779b97f4a7c15u, policy);
        EXPECT_GE(at, from);
        EXPECT_LE(at, to);
    }
    EXPECT_EQ(next_renewal(now, now - Days{1}, to, Days{7}, 0, policy), now)
        << "a window that is open begins now";
}

TEST(NextRenewal, without_a_usable_window_takes_the_interval_minus_jitter) {
    const ServerTime now{Days{1000}};
    EXPECT_EQ(next_renewal(now, {}, {}, Days{7}, 0, policy), now + Days{7});
    EXPECT_EQ(next_renewal(now, now - Days{9}, now - Days{2}, Days{7}, 0, policy), now + Days{7});
    EXPECT_EQ(next_renewal(now, now + Days{5}, now + Days{5}, Days{7}, 0, policy), now + Days{7});
    for (std::uint64_t random = 0; random < 500; ++random) {
        const auto at = next_renewal(now, {}, {}, Days{10}, random * 0x9e3779b97f4a7c15u, policy);
        EXPECT_GE(at, now + Days{8});
        EXPECT_LE(at, now + Days{10});
    }
}

}  // namespace
}  // namespace latchkey::core
