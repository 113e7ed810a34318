#include "agent/cli/check_line.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "agent/cli/words.h"
#include "base/printable.h"

namespace latchkey::cli {
namespace {

constexpr double kSecondsADay = 86400;
constexpr double kLeaseWarningDays = 20;
constexpr double kLabWarningDays = 7;
constexpr std::size_t kNamedProducts = 5;

std::optional<double> grace_days(View product) {
    const auto left = product["grace"]["remaining_s"].real();
    return left ? std::optional(*left / kSecondsADay) : std::nullopt;
}

void keep_smallest(std::optional<double>& smallest, std::optional<double> value) {
    if (value && (!smallest || *value < *smallest)) smallest = value;
}

/// What the products come to, taken together.
struct Totals {
    std::int64_t products = 0;
    std::int64_t licensed = 0;
    std::int64_t not_required = 0;
    std::optional<double> grace_days;
    std::optional<double> lease_days;
    std::optional<double> activations_left;
};

Totals add_up(const std::vector<View>& products, WallTime now) {
    Totals totals;
    for (const View product : products) {
        ++totals.products;
        const auto state = product["state"].text();
        if (state == "licensed") ++totals.licensed;
        if (state == "not_required") ++totals.not_required;
        keep_smallest(totals.grace_days, grace_days(product));
        keep_smallest(totals.lease_days, lease_days(product, now));
        keep_smallest(totals.activations_left, product["activations"]["left"].real());
    }
    return totals;
}

/// 'label'=value;warn;crit;min;max, value "U" where it is not known.
std::string metric(std::string_view label, std::optional<double> value, std::string_view rest) {
    std::array<char, 32> number{};
    if (value) std::snprintf(number.data(), number.size(), "%.1f", *value);
    std::string digits = value ? number.data() : "U";
    if (digits.ends_with(".0")) digits.resize(digits.size() - 2);
    return "'" + std::string(label) + "'=" + digits + std::string(rest);
}

std::string perfdata(const Totals& totals) {
    const auto count = [](std::int64_t value) { return std::optional(static_cast<double>(value)); };
    return metric("products", count(totals.products), ";;;0") + " " +
           metric("licensed", count(totals.licensed), ";;;0") + " " +
           metric("grace_days", totals.grace_days, ";;;0") + " " +
           metric("lease_days", totals.lease_days, ";20:;;0") + " " +
           metric("activations_left", totals.activations_left, ";;;0");
}

std::string product_words(View product) {
    const auto state = product["state"].text();
    std::string words = printable(product["id"].text()) + " " + state_words(state);
    if (const auto left = product["grace"]["remaining_s"].number(); left.value_or(0) > 0)
        words += ", " + duration_words(*left) + " left";
    return words;
}

std::string lease_words(std::optional<double> days) {
    return days && *days <= kLeaseWarningDays
               ? ", lease ends in " +
                     duration_words(static_cast<std::int64_t>(std::max(*days, 0.0) * kSecondsADay))
               : std::string();
}

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    const std::size_t shown = std::min(parts.size(), kNamedProducts);
    for (std::size_t i = 0; i < shown; ++i) text += (i == 0 ? "" : "; ") + parts[i];
    if (shown < parts.size()) text += "; and " + std::to_string(parts.size() - shown) + " more";
    return text;
}

std::string summary(const Totals& totals) {
    if (totals.products == 0) return "no product is installed";
    const std::int64_t settled = totals.licensed + totals.not_required;
    if (settled == totals.products && totals.not_required == 0)
        return counted(totals.products, "product") + " licensed";
    std::string text = std::to_string(totals.licensed) + " of " +
                       counted(totals.products - totals.not_required, "product") + " licensed";
    if (totals.not_required > 0)
        text += ", " + std::to_string(totals.not_required) + " need no activation";
    return text;
}

Level level_of_overall(std::string_view overall) {
    if (overall == "ok") return Level::ok;
    if (overall == "warning") return Level::warning;
    return overall == "critical" ? Level::critical : Level::unknown;
}

/// A lab machine lives in its grace; only its last days without a rearm are worth a warning.
Level level_of_grace(View status, View product) {
    const bool lab = status["agent"]["role"].text() == "lab";
    const bool rearms = product["grace"]["rearms_left"].number().value_or(0) > 0;
    const bool roomy = grace_days(product).value_or(0) > kLabWarningDays;
    return lab && (rearms || roomy) ? Level::ok : Level::warning;
}

/// As the agent judges for "overall" (agent/localapi/contract.cpp).
Level level_of_product(View status, View product, WallTime now) {
    const auto state = product["state"].text();
    if (state == "not_required") return Level::ok;
    if (state == "licensed") {
        const auto days = lease_days(product, now);
        return days && *days <= kLeaseWarningDays ? Level::warning : Level::ok;
    }
    if (state == "initial_grace" || state == "extended_grace")
        return level_of_grace(status, product);
    if (state == "unlicensed" || is_grace(state)) return Level::warning;
    return Level::critical;
}

/// The plugin interface gives '|' a meaning and reads one line.
std::string one_line(std::string_view text) {
    std::string line = printable(text);
    std::replace(line.begin(), line.end(), '|', '/');
    return line;
}

}  // namespace

std::string_view name(Level level) {
    switch (level) {
        case Level::ok:
            return "OK";
        case Level::warning:
            return "WARNING";
        case Level::critical:
            return "CRITICAL";
        case Level::unknown:
            return "UNKNOWN";
    }
    return "UNKNOWN";
}

std::optional<double> lease_days(View product, WallTime now) {
    const auto expires = product["license"]["expires_at"].text();
    if (expires.empty()) return std::nullopt;
    const auto at = parse_wall_time(expires);
    if (!at) return std::nullopt;
    return std::chrono::duration<double>(*at - now).count() / kSecondsADay;
}

CheckLine check_all(View status, WallTime now) {
    std::vector<View> products;
    std::vector<std::string> troubles;
    for (const auto& item : status["products"].items()) {
        const View product = products.emplace_back(item);
        const auto state = product["state"].text();
        const std::string lease = lease_words(lease_days(product, now));
        if (!lease.empty() || (state != "licensed" && state != "not_required"))
            troubles.push_back(product_words(product) + lease);
    }
    for (const auto& item : status["agent"]["health"].items())
        if (View(item)["severity"].text() != "info")
            troubles.push_back(printable(View(item)["id"].text()));
    const Totals totals = add_up(products, now);
    CheckLine line{level_of_overall(status["overall"].text()), summary(totals), perfdata(totals)};
    if (!troubles.empty()) line.text += ": " + joined(troubles);
    line.text = one_line(line.text);
    return line;
}

CheckLine check_product(View status, View product, WallTime now) {
    const Level level = level_of_product(status, product, now);
    const std::string text = product_words(product) + lease_words(lease_days(product, now));
    return {level, one_line(text), perfdata(add_up({product}, now))};
}

CheckLine check_failed(const Problem& problem) {
    std::string text(problem.title());
    if (!problem.detail.empty()) text += " " + problem.detail;
    return {Level::unknown, one_line(text), {}};
}

std::string line_text(const CheckLine& line) {
    std::string text = "LATCHKEY " + std::string(name(line.level)) + " - " + line.text;
    if (!line.perfdata.empty()) text += " | " + line.perfdata;
    return text + "\n";
}

}  // namespace latchkey::cli
