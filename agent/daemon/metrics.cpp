#include "agent/daemon/metrics.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace latchkey::daemon {
namespace {

using localapi::ProductView;
using localapi::StatusView;

std::string label_value(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\' || c == '"') out += '\\';
        if (c == '\n')
            out += "\\n";
        else
            out += c;
    }
    return out;
}

std::int64_t whole_seconds(Duration duration) {
    return std::chrono::duration_cast<seconds>(duration).count();
}

struct Gauge {
    std::string_view name;
    std::string_view help;
    std::function<std::optional<std::int64_t>(const ProductView&, ServerTime)> value;
};

std::optional<std::int64_t> activations_left(const ProductView& product, ServerTime) {
    if (!product.state.license) return std::nullopt;
    return product.state.license->activations.left();
}

std::optional<std::int64_t> grace_remaining(const ProductView& product, ServerTime now) {
    const auto& grace = product.state.grace;
    if (!grace || !core::in_grace(product.state.status)) return std::nullopt;
    return whole_seconds(grace->frozen ? grace->length
                                       : std::max(Duration{0}, grace->ends_at - now));
}

std::optional<std::int64_t> license_remaining(const ProductView& product, ServerTime now) {
    if (!product.state.license || !product.state.license->expires_at) return std::nullopt;
    return whole_seconds(*product.state.license->expires_at - now);
}

std::optional<std::int64_t> severity(const ProductView& product, ServerTime now) {
    return static_cast<std::int64_t>(localapi::severity_of(product, now));
}

std::optional<std::int64_t> state_code(const ProductView& product, ServerTime) {
    return core::status_code(product.state.status);
}

/// What `check` warns of, by code; several of one code are one line.
std::string problems_text(const StatusView& view) {
    std::map<std::string, int> problems;
    for (const auto& item : view.health)
        if (item.severity != localapi::Severity::info) ++problems[item.id];
    std::string out =
        "# TYPE latchkey_agent_severity gauge\n"
        "# HELP latchkey_agent_severity 0 fine, 1 warning, 2 critical: the worst of agent and "
        "products.\nlatchkey_agent_severity " +
        std::to_string(static_cast<int>(localapi::overall(view))) +
        "\n# TYPE latchkey_agent_problems gauge\n"
        "# HELP latchkey_agent_problems Warnings and worse that status tells, by their code.\n";
    for (const auto& [code, count] : problems)
        out += "latchkey_agent_problems{code=\"" + label_value(code) + "\"} " +
               std::to_string(count) + "\n";
    return out;
}

}  // namespace

std::string metrics_text(const StatusView& view) {
    const Gauge gauges[] = {
        {"latchkey_product_state", "State code of the product (docs/lifecycle.md).", state_code},
        {"latchkey_product_severity", "0 fine, 1 warning, 2 critical.", severity},
        {"latchkey_activations_left", "Activations left on the product key.", activations_left},
        {"latchkey_grace_remaining_seconds", "Seconds of grace left.", grace_remaining},
        {"latchkey_license_remaining_seconds", "Seconds until the lease ends.", license_remaining},
    };
    std::string out = problems_text(view);
    for (const auto& gauge : gauges) {
        out += "# TYPE " + std::string(gauge.name) + " gauge\n# HELP " + std::string(gauge.name) +
               " " + std::string(gauge.help) + "\n";
        for (const auto& product : view.products)
            if (const auto value = gauge.value(product, view.now))
                out += std::string(gauge.name) + "{product=\"" +
                       label_value(product.state.product) + "\"} " + std::to_string(*value) + "\n";
    }
    return out + "# EOF\n";
}

}  // namespace latchkey::daemon
