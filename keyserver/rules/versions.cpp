#include "keyserver/rules/versions.h"

#include <algorithm>

namespace latchkey::keyserver {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The run of digits, or of anything else, that `text` begins with; taken away from it.
std::string_view take_run(std::string_view& text) {
    const bool digits = !text.empty() && is_digit(text.front());
    const auto end =
        std::find_if(text.begin(), text.end(), [&](char c) { return is_digit(c) != digits; });
    const auto run = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    text.remove_prefix(run.size());
    return run;
}

/// However long the numbers are.
std::strong_ordering compare_numbers(std::string_view a, std::string_view b) {
    a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
    b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
    if (a.size() != b.size()) return a.size() <=> b.size();
    return a.compare(b) <=> 0;
}

/// What is left of one version where the other ended: further numbers, of which one is not zero, or
/// zeros alone. std::nullopt: something else.
std::optional<bool> goes_on(std::string_view rest) {
    bool later = false;
    while (!rest.empty()) {
        if (take_run(rest) != "." || rest.empty()) return std::nullopt;
        later = later || take_run(rest).find_first_not_of('0') != std::string_view::npos;
    }
    return later;
}

std::string day(ServerTime at) { return format_rfc3339(at).substr(0, 10); }

constexpr const char* kForward =
    "Name a later version, or a later date. Where the latest release was entered wrong, replace it "
    "with --correct.";

Result<Product> corrected(Product product, const ReleaseWish& wish) {
    const Product before = product;
    if (before.version.empty())
        return fail(Problem{Code::usage, "no version was released yet: there is nothing to correct",
                            "Leave --correct out."});
    const bool takes_back = wish.version == before.previous_version;
    if (takes_back && !wish.released)
        return fail(Problem{Code::usage,
                            "when version " + wish.version + " was released is not on record",
                            "Name the day with --released."});
    product.version = wish.version;
    if (wish.released) product.released = wish.released;
    if (takes_back) product.previous_version.clear();
    if (!wish.previous.empty()) product.previous_version = wish.previous;
    const auto& previous = product.previous_version;
    if (previous == product.version || is_earlier_version(product.version, previous))
        return fail(Problem{
            Code::usage,
            "version " + product.version + " is not later than " + previous + ", the one before it",
            "Name the version before it with --previous."});
    if (product.version == before.version && product.released == before.released &&
        previous == before.previous_version)
        return fail(Problem{Code::already_exists, "that is what is on record", {}});
    return product;
}

}  // namespace

std::optional<std::strong_ordering> compare_versions(std::string_view a, std::string_view b) {
    using Order = std::strong_ordering;
    while (!a.empty() && !b.empty()) {
        const bool numbers = is_digit(a.front()) && is_digit(b.front());
        const auto run_a = take_run(a);
        const auto run_b = take_run(b);
        if (numbers) {
            const auto order = compare_numbers(run_a, run_b);
            if (order != Order::equal) return order;
        } else if (run_a != run_b) {
            return std::nullopt;
        }
    }
    const auto later = goes_on(a.empty() ? b : a);
    if (!later) return std::nullopt;
    if (!*later) return Order::equal;
    return a.empty() ? Order::less : Order::greater;
}

bool is_earlier_version(std::string_view a, std::string_view b) {
    const auto order = compare_versions(a, b);
    return order && *order == std::strong_ordering::less;
}

Result<Product> released(Product product, const ReleaseWish& wish, ServerTime now) {
    if (wish.correct) return corrected(std::move(product), wish);
    if (!wish.previous.empty())
        return fail(Problem{Code::usage, "--previous belongs to --correct", {}});
    if (wish.version == product.version)
        return fail(Problem{Code::already_exists,
                            "version " + wish.version + " is the latest already",
                            "To correct its date or the version before it, add --correct."});
    if (!product.previous_version.empty() && wish.version == product.previous_version)
        return fail(Problem{Code::usage,
                            "version " + wish.version + " was the latest before " +
                                product.version + "; there is no way back",
                            kForward});
    if (is_earlier_version(wish.version, product.version))
        return fail(Problem{
            Code::usage,
            "version " + wish.version + " is older than " + product.version + ", the latest",
            kForward});
    const ServerTime at = wish.released.value_or(now);
    if (product.released && at < *product.released)
        return fail(Problem{Code::usage,
                            "version " + wish.version + " of " + day(at) + " would be older than " +
                                product.version + ", which was released on " +
                                day(*product.released),
                            kForward});
    product.previous_version = std::move(product.version);
    product.version = wish.version;
    product.released = at;
    return product;
}

}  // namespace latchkey::keyserver
