#include "keyserver/metrics.h"

#include <sstream>

namespace latchkey::keyserver {
namespace {

/// Seconds, as OpenMetrics wants them.
std::string in_seconds(Duration time) {
    std::ostringstream text;
    text.imbue(std::locale::classic());
    text << std::chrono::duration<double>(time).count();
    const std::string number = text.str();
    return number.find_first_of(".e") == number.npos ? number + ".0" : number;
}

}  // namespace

const std::array<Duration, Metrics::kBuckets>& Metrics::bounds() {
    static constexpr std::array<Duration, kBuckets> kBounds{
        Duration{5},   Duration{10},  Duration{25},   Duration{50},   Duration{100},
        Duration{250}, Duration{500}, Duration{1000}, Duration{2500}, Duration{10000}};
    return kBounds;
}

void Metrics::answered(std::string_view route, int status, Duration took) {
    const std::scoped_lock lock(mutex_);
    ++responses_[{std::string(route), std::to_string(status)}];
    Times& times = times_[std::string(route)];
    ++times.count;
    times.sum += took;
    for (std::size_t i = 0; i < kBuckets; ++i) times.within[i] += took <= bounds()[i];
}

void Metrics::decided(std::string_view outcome) {
    const std::scoped_lock lock(mutex_);
    ++decisions_[{std::string(outcome), {}}];
}

void Metrics::connections(std::size_t open) {
    const std::scoped_lock lock(mutex_);
    connections_ = open;
}

std::string Metrics::text() const {
    const std::scoped_lock lock(mutex_);
    std::string out =
        "# TYPE latchkey_responses counter\n"
        "# HELP latchkey_responses HTTP responses by route and status.\n";
    for (const auto& [key, count] : responses_)
        out += "latchkey_responses_total{route=\"" + key.first + "\",status=\"" + key.second +
               "\"} " + std::to_string(count) + "\n";
    out +=
        "# TYPE latchkey_response_seconds histogram\n"
        "# UNIT latchkey_response_seconds seconds\n"
        "# HELP latchkey_response_seconds Time from the end of a request to its answer.\n";
    for (const auto& [route, times] : times_) {
        const std::string labels = "{route=\"" + route + "\"";
        for (std::size_t i = 0; i < kBuckets; ++i)
            out += "latchkey_response_seconds_bucket" + labels + ",le=\"" +
                   in_seconds(bounds()[i]) + "\"} " + std::to_string(times.within[i]) + "\n";
        out += "latchkey_response_seconds_bucket" + labels + ",le=\"+Inf\"} " +
               std::to_string(times.count) + "\n";
        out +=
            "latchkey_response_seconds_count" + labels + "} " + std::to_string(times.count) + "\n";
        out += "latchkey_response_seconds_sum" + labels + "} " + in_seconds(times.sum) + "\n";
    }
    out +=
        "# TYPE latchkey_decisions counter\n"
        "# HELP latchkey_decisions Activations decided, by outcome.\n";
    for (const auto& [key, count] : decisions_)
        out += "latchkey_decisions_total{outcome=\"" + key.first + "\"} " + std::to_string(count) +
               "\n";
    out +=
        "# TYPE latchkey_connections gauge\n"
        "# HELP latchkey_connections Open connections.\n"
        "latchkey_connections " +
        std::to_string(connections_) + "\n";
    return out + "# EOF\n";
}

}  // namespace latchkey::keyserver
