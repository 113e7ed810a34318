#pragma once

// A token bucket a caller: a burst is free, then requests come at a steady rate. Bounded memory:
// full buckets are forgotten first. One thread; time is passed in.

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/time.h"

namespace latchkey::keyserver {

class RateLimiter {
public:
    RateLimiter(int burst, double per_second, std::size_t max_buckets)
        : burst_(burst), per_second_(per_second), max_buckets_(max_buckets) {}

    /// Takes one token. Where there is none: how long until there is one.
    std::optional<seconds> take(const std::string& caller, SinceBoot now);

private:
    struct Bucket {
        double tokens;
        SinceBoot at;
    };
    void refill(Bucket& bucket, SinceBoot now) const;
    void make_room(SinceBoot now);

    double burst_;
    double per_second_;
    std::size_t max_buckets_;
    std::unordered_map<std::string, Bucket> buckets_;
};

}  // namespace latchkey::keyserver
