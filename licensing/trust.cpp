#include "licensing/trust.h"

#include "licensing/fields.h"

namespace latchkey::licensing {
namespace {

constexpr std::size_t kMaxKeySetBytes = 32 * 1024;
constexpr std::size_t kMaxBundleBytes = 192 * 1024;

}  // namespace

const KeySetKey* KeySet::find(std::string_view kid) const {
    for (const auto& key : signing_keys)
        if (key.kid == kid) return &key;
    return nullptr;
}

json::bj::value to_json(const TrustBundle& bundle) {
    json::bj::object object{{"root_chain", fields::json_texts(bundle.root_chain)},
                            {"key_set", bundle.key_set}};
    if (bundle.weights_version > 0) object["weights_version"] = bundle.weights_version;
    return object;
}

Result<TrustBundle> parse_trust_bundle(std::string_view body) {
    const auto value = json::parse_strict(body, {.max_bytes = kMaxBundleBytes, .max_depth = 4});
    if (!value) return fail(value.error());
    json::ObjectReader in(*value, "trust bundle");
    TrustBundle bundle;
    bundle.root_chain = fields::texts(in, "root_chain", kMaxRootChain, kMaxLinkBytes);
    bundle.key_set = in.string("key_set", kMaxKeySetBytes);
    bundle.weights_version =
        in.optional_integer("weights_version", 0, fields::kMaxVersion).value_or(0);
    if (auto bad = in.finish(json::ObjectReader::Unknown::ignored)) return fail(*bad);
    return bundle;
}

}  // namespace latchkey::licensing
