#include "licensing/license.h"

#include "licensing/fields.h"

namespace latchkey::licensing {
namespace {

json::bj::value to_json(const Delegation& delegation) {
    return json::bj::object{{"products", fields::json_texts(delegation.products)},
                            {"quota", delegation.quota},
                            {"longest_lease_days", delegation.longest_lease_days},
                            {"tls_pin", delegation.tls_pin}};
}

}  // namespace

std::string_view name(LicenseKind kind) {
    switch (kind) {
        case LicenseKind::perpetual:
            return "perpetual";
        case LicenseKind::lease:
            return "lease";
    }
    return {};
}

std::optional<LicenseKind> license_kind_from_name(std::string_view text) {
    for (const auto kind : {LicenseKind::perpetual, LicenseKind::lease})
        if (name(kind) == text) return kind;
    return std::nullopt;
}

json::bj::value to_json(const Activations& activations) {
    return json::bj::object{{"used", activations.used},
                            {"limit", activations.limit},
                            {"left", activations.left()},
                            {"as_of", fields::json_time(activations.as_of)}};
}

Result<Activations> activations_from_json(const json::bj::value& value) {
    json::ObjectReader in(value, "activations");
    Activations activations;
    activations.used = fields::count(in, "used");
    activations.limit = fields::count(in, "limit");
    activations.as_of = fields::time(in, "as_of");
    if (auto bad = in.finish(json::ObjectReader::Unknown::ignored)) return fail(*bad);
    return activations;
}

json::bj::value to_json(const License& license) {
    return json::bj::object{{"id", license.id},
                            {"publisher", license.publisher},
                            {"product", license.product},
                            {"machine", license.machine},
                            {"device_key", to_text(license.device_key)},
                            {"kind", fields::json_text(name(license.kind))},
                            {"issued_at", fields::json_time(license.issued_at)},
                            {"expires_at", fields::json_time(license.expires_at)},
                            {"renew_after", fields::json_time(license.renew_after)},
                            {"renew_before", fields::json_time(license.renew_before)},
                            {"lease_sequence", license.lease_sequence},
                            {"program", license.program},
                            {"rule", fields::json_text(name(license.rule))},
                            {"key_last5", license.key_last5},
                            {"organization", license.organization},
                            {"license_quantity", license.license_quantity},
                            {"activate_by", fields::json_time(license.activate_by)},
                            {"activations", to_json(license.activations)},
                            {"salt_id", license.salt_id},
                            {"delegation", license.delegation ? to_json(*license.delegation)
                                                              : json::bj::value(nullptr)}};
}

}  // namespace latchkey::licensing
