#include "agent/core/backoff.h"

#include <algorithm>

namespace latchkey::core {
namespace {

/// Uniform in [0, most].
Duration draw(std::uint64_t random, Duration most) {
    if (most <= Duration{0}) return Duration{0};
    const auto span = static_cast<std::uint64_t>(most.count()) + 1;
    return Duration{static_cast<std::int64_t>(random % span)};
}

Duration jitter(std::uint64_t random, Duration interval, const Policy& policy) {
    return draw(random, interval * policy.jitter_percent / 100);
}

Duration rung(int position) {
    const auto index = static_cast<std::size_t>(std::max(position, 0));
    return index < kRetryLadder.size() ? kRetryLadder[index] : kRetryForever;
}

}  // namespace

Duration retry_delay(int position, std::optional<Duration> retry_after, std::uint64_t random,
                     const Policy& policy) {
    const Duration wait =
        retry_after ? std::clamp(*retry_after, policy.retry_after_min, policy.retry_after_max)
                    : rung(position);
    return wait + jitter(random, wait, policy);
}

Duration network_wait(std::uint64_t random, const Policy& policy) {
    return draw(random, policy.network_change_delay);
}

Duration wait_within_grace(Duration wait, Duration left, std::uint64_t random,
                           const Policy& policy) {
    if (wait < left || left <= 2 * kLastTry) return wait;
    return left - kLastTry - jitter(random, left, policy);
}

Duration longest_retry_delay(const Policy& policy) {
    const Duration longest = std::max(policy.retry_after_max, kRetryForever);
    return longest + longest * policy.jitter_percent / 100;
}

ServerTime next_renewal(ServerTime now, std::optional<ServerTime> window_start,
                        std::optional<ServerTime> window_end, Duration interval,
                        std::uint64_t random, const Policy& policy) {
    if (window_start && window_end && *window_end > now && *window_end > *window_start) {
        const ServerTime from = std::max(*window_start, now);
        return from + draw(random, *window_end - from);
    }
    return now + interval - jitter(random, interval, policy);
}

}  // namespace latchkey::core
