#include "keyserver/metrics.h"

namespace latchkey::keyserver {

void Metrics::responded(std::string_view route, int status) {
    const std::scoped_lock lock(mutex_);
    ++responses_[{std::string(route), std::to_string(status)}];
}

void Metrics::decided(std::string_view outcome) {
    const std::scoped_lock lock(mutex_);
    ++decisions_[{std::string(outcome), {}}];
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
        "# TYPE latchkey_decisions counter\n"
        "# HELP latchkey_decisions Activations decided, by outcome.\n";
    for (const auto& [key, count] : decisions_)
        out += "latchkey_decisions_total{outcome=\"" + key.first + "\"} " + std::to_string(count) +
               "\n";
    return out + "# EOF\n";
}

}  // namespace latchkey::keyserver
