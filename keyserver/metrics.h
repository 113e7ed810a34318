#pragma once

// What GET /metrics says, in OpenMetrics text. Thread-safe.

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/time.h"

namespace latchkey::keyserver {

class Metrics {
public:
    /// An answer, `took` after its request was read.
    void answered(std::string_view route, int status, Duration took);
    /// `outcome`: "counted", "uncounted", "replayed", or the refusal's code name.
    void decided(std::string_view outcome);
    /// Open ones.
    void connections(std::size_t open);
    std::string text() const;

private:
    static constexpr std::size_t kBuckets = 10;
    /// Answers of one route: how many took at most each bucket's time, and all together.
    struct Times {
        std::array<std::uint64_t, kBuckets> within{};
        std::uint64_t count = 0;
        Duration sum{0};
    };
    using Counters = std::map<std::pair<std::string, std::string>, std::uint64_t>;

    static const std::array<Duration, kBuckets>& bounds();

    mutable std::mutex mutex_;
    Counters responses_;
    Counters decisions_;
    std::map<std::string, Times> times_;
    std::size_t connections_ = 0;
};

}  // namespace latchkey::keyserver
