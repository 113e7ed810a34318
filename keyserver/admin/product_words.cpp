#include "keyserver/admin/product_words.h"

#include <boost/json/array.hpp>

namespace latchkey::keyserver::admin {
namespace {

bj::array array_of(const std::vector<std::string>& values) {
    bj::array out;
    for (const auto& value : values) out.emplace_back(value);
    return out;
}

struct PolicyOption {
    std::string_view name;
    int Product::*field;
    int max;
    std::string_view help;
};
constexpr std::array<PolicyOption, kPolicyOptions> kOptions{
    PolicyOption{"initial-grace-days", &Product::initial_grace_days, 180,
                 "Days until it has to be activated (default 30, at most 180)"},
    PolicyOption{"out-of-tolerance-days", &Product::out_of_tolerance_days, 180,
                 "Days of grace after the hardware changed or a lease ran out (default 30)"},
    PolicyOption{"rearms", &Product::rearms, 26,
                 "How often that grace may be restarted (default 3, at most 26)"},
    PolicyOption{"lab-reimages-per-year", &Product::lab_reimages_per_year, 366,
                 "Graces that a lab machine may begin in a year (default 26, at most 366)"}};

}  // namespace

bj::object shown_product(const Product& product) {
    return {{"id", product.id},
            {"name", product.name},
            {"version", text_or_null(product.version)},
            {"previous_version", text_or_null(product.previous_version)},
            {"released", time_or_null(product.released)},
            {"needs_activation", product.needs_activation},
            {"rearm_ledger", product.rearm_ledger},
            {"initial_grace_days", product.initial_grace_days},
            {"out_of_tolerance_days", product.out_of_tolerance_days},
            {"rearms", product.rearms},
            {"lab_reimages_per_year", product.lab_reimages_per_year},
            {"excluded_platforms", array_of(product.excluded_platforms)},
            {"qualifying_os", array_of(product.qualifying_os)},
            {"manifest_version", product.manifest_version},
            {"created_at", format_rfc3339(product.created_at)}};
}

Result<Product> required_product(Context& context, const std::string& id) {
    auto product = context.stores.products.find(id);
    if (!product) return fail(std::move(product.error()));
    if (!*product)
        return fail(Problem{Code::record_unknown, "product \"" + id + "\"",
                            "See 'latchkey-keyserver admin product list'."});
    return std::move(**product);
}

ArgumentRule policy_rule(std::size_t i) {
    return {kOptions.at(i).name, ArgumentKind::number, false, kOptions.at(i).help};
}

Result<void> read_policy(Product& product, const Arguments& arguments) {
    for (const auto& option : kOptions) {
        const auto value = arguments.number(option.name, product.*option.field);
        if (value > option.max)
            return fail(Code::usage, "--" + std::string(option.name) + ": at most " +
                                         std::to_string(option.max));
        product.*option.field = static_cast<int>(value);
    }
    return {};
}

}  // namespace latchkey::keyserver::admin
