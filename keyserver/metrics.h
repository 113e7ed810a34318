#pragma once

// A few counters for GET /metrics in OpenMetrics text. Thread-safe.

#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace latchkey::keyserver {

class Metrics {
public:
    void responded(std::string_view route, int status);
    /// `outcome`: "counted", "uncounted", "replayed", or the refusal's code name.
    void decided(std::string_view outcome);
    std::string text() const;

private:
    using Counters = std::map<std::pair<std::string, std::string>, std::uint64_t>;
    mutable std::mutex mutex_;
    Counters responses_;
    Counters decisions_;
};

}  // namespace latchkey::keyserver
