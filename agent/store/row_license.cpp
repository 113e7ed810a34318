// The verified license inside a product's row: the row's MAC is what says that it is the one that
// was verified. Its signature can be checked again from license_jws.

#include <limits>

#include "agent/store/rows.h"
#include "licensing/crypto.h"

namespace latchkey::store {
namespace {

using json::ObjectReader;

constexpr std::size_t kMaxName = 256;
constexpr std::int64_t kAny = std::numeric_limits<std::int64_t>::max();

licensing::LicenseKind read_kind(ObjectReader& in) {
    const auto kind = in.string("kind", kMaxName);
    if (kind == licensing::name(licensing::LicenseKind::perpetual))
        return licensing::LicenseKind::perpetual;
    if (kind != licensing::name(licensing::LicenseKind::lease))
        in.refuse("kind", "has a value this version does not know");
    return licensing::LicenseKind::lease;
}

licensing::CountingRule read_rule(ObjectReader& in) {
    const auto rule = licensing::counting_rule_from_name(in.string("counting_rule", kMaxName));
    if (!rule) in.refuse("counting_rule", "has a value this version does not know");
    return rule.value_or(licensing::CountingRule::significant_change);
}

licensing::PublicKey read_key(ObjectReader& in) {
    const auto key = licensing::public_key_from_text(in.string("device_key", kMaxName));
    if (!key) in.refuse("device_key", "is not a key");
    return key.value_or(licensing::PublicKey{});
}

bj::value delegation_json(const licensing::Delegation& delegation) {
    bj::array products;
    for (const auto& product : delegation.products) products.emplace_back(product);
    return bj::object{{"products", std::move(products)},
                      {"quota", delegation.quota},
                      {"longest_lease_days", delegation.longest_lease_days},
                      {"tls_pin", delegation.tls_pin}};
}

std::optional<licensing::Delegation> read_delegation(ObjectReader& license) {
    const auto* value = license.optional_object("delegation");
    if (!value) return std::nullopt;
    ObjectReader in(*value, "delegation");
    licensing::Delegation delegation;
    if (const auto* products = in.array("products", kMaxName)) {
        for (const auto& product : *products) {
            if (!product.is_string()) in.refuse("products", "must be strings");
            if (product.is_string()) delegation.products.emplace_back(product.get_string().c_str());
        }
    }
    delegation.quota = in.integer("quota", -kAny, kAny);
    delegation.longest_lease_days = in.integer("longest_lease_days", -kAny, kAny);
    delegation.tls_pin = in.string("tls_pin", kMaxName);
    if (auto bad = finish(in)) license.refuse("delegation", bad->detail);
    return delegation;
}

}  // namespace

bj::value license_to_json(const licensing::License& l) {
    return bj::object{
        {"id", l.id},
        {"publisher", l.publisher},
        {"product", l.product},
        {"machine", l.machine},
        {"device_key", licensing::to_text(l.device_key)},
        {"kind", text_json(licensing::name(l.kind))},
        {"issued_at", instant_json(l.issued_at)},
        {"expires_at", instant_json(l.expires_at)},
        {"renew_after", instant_json(l.renew_after)},
        {"renew_before", instant_json(l.renew_before)},
        {"lease_sequence", l.lease_sequence},
        {"program", l.program},
        {"counting_rule", text_json(licensing::name(l.rule))},
        {"key_last5", l.key_last5},
        {"organization", printable(l.organization, kMaxName)},
        {"license_quantity", l.license_quantity},
        {"activate_by", instant_json(l.activate_by)},
        {"used", l.activations.used},
        {"limit", l.activations.limit},
        {"as_of", instant_json(l.activations.as_of)},
        {"salt_id", l.salt_id},
        {"delegation", l.delegation ? delegation_json(*l.delegation) : bj::value(nullptr)}};
}

Result<licensing::License> license_from_json(const bj::value& value) {
    ObjectReader in(value, "license");
    licensing::License l;
    l.id = in.string("id", kMaxName);
    l.publisher = in.string("publisher", kMaxName);
    l.product = in.string("product", kMaxName);
    l.machine = in.string("machine", kMaxName);
    l.device_key = read_key(in);
    l.kind = read_kind(in);
    l.issued_at = read_instant(in, "issued_at");
    l.expires_at = read_optional_instant(in, "expires_at");
    l.renew_after = read_optional_instant(in, "renew_after");
    l.renew_before = read_optional_instant(in, "renew_before");
    l.lease_sequence = in.integer("lease_sequence", 0, kAny);
    l.program = in.string("program", kMaxName);
    l.rule = read_rule(in);
    l.key_last5 = in.string("key_last5", kMaxName);
    l.organization = in.string("organization", kMaxName);
    l.license_quantity = in.integer("license_quantity", -kAny, kAny);
    l.activate_by = read_optional_instant(in, "activate_by");
    l.activations.used = in.integer("used", -kAny, kAny);
    l.activations.limit = in.integer("limit", -kAny, kAny);
    l.activations.as_of = read_instant(in, "as_of");
    l.salt_id = in.string("salt_id", kMaxName);
    l.delegation = read_delegation(in);
    if (auto bad = finish(in)) return fail(*bad);
    return l;
}

}  // namespace latchkey::store
