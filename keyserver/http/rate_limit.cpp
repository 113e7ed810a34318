#include "keyserver/http/rate_limit.h"

#include <algorithm>
#include <cmath>

namespace latchkey::keyserver {

void RateLimiter::refill(Bucket& bucket, SinceBoot now) const {
    const std::chrono::duration<double> passed = now - bucket.at;
    bucket.tokens = std::min(burst_, bucket.tokens + std::max(0.0, passed.count()) * per_second_);
    bucket.at = now;
}

/// Forgets everybody who has been quiet long enough to be full again, and if that is nobody,
/// everybody: under a flood of made-up device keys a fresh burst each is cheaper than unbounded
/// memory.
void RateLimiter::make_room(SinceBoot now) {
    std::erase_if(buckets_, [&](const auto& entry) {
        Bucket bucket = entry.second;
        refill(bucket, now);
        return bucket.tokens >= burst_;
    });
    if (buckets_.size() >= max_buckets_) buckets_.clear();
}

std::optional<seconds> RateLimiter::take(const std::string& caller, SinceBoot now) {
    if (buckets_.size() >= max_buckets_ && !buckets_.contains(caller)) make_room(now);
    Bucket& bucket = buckets_.try_emplace(caller, Bucket{burst_, now}).first->second;
    refill(bucket, now);
    if (bucket.tokens >= 1) {
        bucket.tokens -= 1;
        return std::nullopt;
    }
    return seconds{static_cast<std::int64_t>(std::ceil((1 - bucket.tokens) / per_second_))};
}

}  // namespace latchkey::keyserver
