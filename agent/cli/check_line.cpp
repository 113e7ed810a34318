#include "agent/cli/check_line.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "agent/cli/cloud_text.h"
#include "agent/cli/words.h"
#include "base/printable.h"

namespace latchkey::cli {
namespace {

constexpr double kSecondsADay = 86400;
constexpr double kLeaseWarningDays = 20;
constexpr std::size_t kNamedProducts = 5;

std::optional<double> grace_days(View product) {
    const auto left = product["grace"]["remaining_s"].real();
    return left ? std::optional(*left / kSecondsADay) : std::nullopt;
}

/// Of lease_days, what performance data may say: a lease that is over has nothing left.
std::optional<double> lease_days_left(View product, WallTime now) {
    const auto days = lease_days(product, now);
    return days ? std::optional(std::max(*days, 0.0)) : std::nullopt;
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
    std::optional<double> rearms_left;
};

Totals add_up(const std::vector<View>& products, WallTime now) {
    Totals totals;
    for (const View product : products) {
        ++totals.products;
        const auto state = product["state"].text();
        if (state == "licensed") ++totals.licensed;
        if (state == "not_required") ++totals.not_required;
        keep_smallest(totals.grace_days, grace_days(product));
        keep_smallest(totals.lease_days, lease_days_left(product, now));
        keep_smallest(totals.activations_left, product["activations"]["left"].real());
        keep_smallest(totals.rearms_left, product["grace"]["rearms_left"].real());
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
           metric("activations_left", totals.activations_left, ";;;0") + " " +
           metric("rearms_left", totals.rearms_left, ";;;0");
}

/// "cad in grace, not activated yet, 29 days left (would_count)"
std::string product_words(View status, View product) {
    const auto state = product["state"].text();
    std::string words = printable(product["id"].text()) + " " + state_words(state);
    if (const auto left = product["grace"]["remaining_s"].number(); left.value_or(0) > 0)
        words += ", " + duration_words(*left) + " left";
    std::string codes;
    for (const auto& code : trouble_codes(status, product))
        codes += (codes.empty() ? "" : ", ") + code;
    return codes.empty() ? words : words + " (" + codes + ")";
}

std::string lease_words(View product, WallTime now) {
    if (product["state"].text() != "licensed") return {};
    const auto days = lease_days(product, now);
    return days && *days <= kLeaseWarningDays
               ? ", lease ends in " +
                     duration_words(static_cast<std::int64_t>(std::max(*days, 0.0) * kSecondsADay))
               : std::string();
}

std::string joined(const std::vector<std::pair<Level, std::string>>& parts) {
    std::string text;
    const std::size_t shown = std::min(parts.size(), kNamedProducts);
    for (std::size_t i = 0; i < shown; ++i) text += (i == 0 ? "" : "; ") + parts[i].second;
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

/// "overall", which knows no "info".
Level level_of_overall(View status) {
    const auto overall = status["overall"].text();
    return overall == "info" ? Level::unknown : level_of(overall);
}

/// The plugin interface gives '|' a meaning and reads one line.
std::string one_line(std::string_view text) {
    std::string line = printable(text);
    std::replace(line.begin(), line.end(), '|', '/');
    return line;
}

}  // namespace

CheckLine check_all(View status, WallTime clock) {
    const WallTime now = now_of(status, clock);
    std::vector<View> products;
    std::vector<std::pair<Level, std::string>> troubles;
    for (const auto& item : status["products"].items()) {
        const View product = products.emplace_back(item);
        const Level level = level_of_product(status, product, now);
        const auto state = product["state"].text();
        if (level != Level::ok || (state != "licensed" && state != "not_required"))
            troubles.emplace_back(level,
                                  product_words(status, product) + lease_words(product, now));
    }
    for (const auto& entry : status["agent"]["health"].items()) {
        const View item(entry);
        const Level level = level_of(item["severity"].text());
        const bool told = std::any_of(products.begin(), products.end(), [&](View product) {
            return product["id"].text() == item["product"].text();
        });
        std::pair<Level, std::string> trouble(level, printable(item["id"].text()));
        const bool said = std::find(troubles.begin(), troubles.end(), trouble) != troubles.end();
        if (level != Level::ok && !told && !said) troubles.push_back(std::move(trouble));
    }
    for (const auto& entry : status["cloud_entitlements"].items())
        if (auto words = cloud_warning(entry, now); !words.empty())
            troubles.emplace_back(Level::warning, "cloud service " + std::move(words));
    // The worst first: the line names no more than a few.
    std::stable_sort(troubles.begin(), troubles.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    const Totals totals = add_up(products, now);
    CheckLine line{level_of_overall(status), summary(totals), perfdata(totals)};
    if (!troubles.empty()) line.text += ": " + joined(troubles);
    line.text = one_line(line.text);
    return line;
}

CheckLine check_product(View status, View product, WallTime clock) {
    const WallTime now = now_of(status, clock);
    const std::string text = product_words(status, product) + lease_words(product, now);
    return {level_of_product(status, product, now), one_line(text),
            perfdata(add_up({product}, now))};
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
