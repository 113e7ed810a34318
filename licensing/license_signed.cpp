#include <algorithm>

#include "licensing/fields.h"
#include "licensing/license.h"
#include "licensing/signed_document.h"

namespace latchkey::licensing {
namespace {

using json::ObjectReader;

constexpr std::size_t kMaxDelegatedProducts = 64;

Result<Delegation> read_delegation(const json::bj::value& value) {
    ObjectReader in(value, "delegation");
    Delegation delegation;
    delegation.products = fields::texts(in, "products", kMaxDelegatedProducts, fields::kMaxIdBytes);
    delegation.quota = fields::count(in, "quota");
    delegation.longest_lease_days = in.integer("longest_lease_days", 0, kLongestLease.count());
    delegation.tls_pin = in.string("tls_pin", 43);
    if (in.ok() &&
        !std::all_of(delegation.products.begin(), delegation.products.end(), fields::is_product_id))
        in.refuse("products", "holds something that is no product id");
    if (in.ok() && !public_key_from_text(delegation.tls_pin))
        in.refuse("tls_pin", "must be 32 bytes in base64url");
    if (auto bad = in.finish(ObjectReader::Unknown::ignored)) return fail(*bad);
    return delegation;
}

/// A lease ends, in bounded time; a perpetual license does not.
void check_times(ObjectReader& in, const License& license) {
    switch (license.kind) {
        case LicenseKind::lease:
            if (!license.expires_at)
                in.refuse("expires_at", "is missing from a lease");
            else if (*license.expires_at <= license.issued_at)
                in.refuse("expires_at", "is before issued_at");
            else if (*license.expires_at - license.issued_at > kLongestLease)
                in.refuse("expires_at", "is too far away");
            break;
        case LicenseKind::perpetual:
            if (license.expires_at)
                in.refuse("expires_at", "does not belong to a perpetual license");
            break;
    }
    if (license.renew_after && license.renew_before && *license.renew_before < *license.renew_after)
        in.refuse("renew_before", "is before renew_after");
}

Result<License> read_license(const json::bj::value& value) {
    ObjectReader in(value, "license");
    License l;
    l.id = fields::record_id(in, "id", "lic_");
    l.publisher = fields::text(in, "publisher", fields::kMaxIdBytes, fields::is_publisher_id);
    l.product = fields::text(in, "product", fields::kMaxIdBytes, fields::is_product_id);
    l.machine = fields::record_id(in, "machine", "mch_");
    l.device_key = fields::key(in, "device_key");
    l.kind = fields::choice(in, "kind", license_kind_from_name);
    l.issued_at = fields::time(in, "issued_at");
    l.expires_at = fields::optional_time(in, "expires_at");
    l.renew_after = fields::optional_time(in, "renew_after");
    l.renew_before = fields::optional_time(in, "renew_before");
    l.lease_sequence = in.integer("lease_sequence", 1, fields::kMaxVersion);
    l.program = fields::text(in, "program", fields::kMaxIdBytes, fields::is_product_id);
    l.rule = fields::choice(in, "rule", counting_rule_from_name);
    l.key_last5 = fields::text(in, "key_last5", 5, fields::is_last5);
    l.organization = in.string("organization", fields::kMaxNameBytes);
    l.license_quantity = fields::count(in, "license_quantity");
    l.activate_by = fields::optional_time(in, "activate_by");
    l.activations = fields::nested(in, "activations", activations_from_json);
    l.salt_id = fields::text(in, "salt_id", fields::kMaxIdBytes, fields::is_token);
    l.delegation = fields::optional_nested(in, "delegation", read_delegation);
    if (in.ok()) check_times(in, l);
    if (auto bad = in.finish(ObjectReader::Unknown::ignored)) return fail(*bad);
    return l;
}

}  // namespace

std::string sign_license(const SigningKey& key, const License& license) {
    return sign_jws(key, typ::kLicense, to_json(license));
}

Result<Verified<License>> verify_license(std::string_view jws, const KeySet& keys) {
    return verify_document(jws, typ::kLicense, keys, read_license, &License::publisher,
                           &License::issued_at);
}

}  // namespace latchkey::licensing
