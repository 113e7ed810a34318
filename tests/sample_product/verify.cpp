#include "tests/sample_product/verify.h"

#include "base/strict_json.h"
#include "licensing/jws.h"
#include "licensing/manifest.h"

namespace latchkey::sample {
namespace {

using json::ObjectReader;

constexpr std::size_t kMaxAnswer = 256 * 1024;
constexpr std::size_t kMaxText = 256;

Failure refuse(std::string why) { return fail(Code::signature_invalid, std::move(why)); }

/// The one signed document that an answer carries under `name`.
Result<std::string> document(std::string_view answer, std::string_view name) {
    const auto value = json::parse_strict(answer, {.max_bytes = kMaxAnswer, .max_depth = 4});
    if (!value) return refuse("the answer is no JSON: " + value.error().detail);
    ObjectReader in(*value, "answer");
    std::string jws = in.string(name, licensing::kMaxJwsBytes);
    if (auto bad = in.finish(ObjectReader::Unknown::ignored)) return refuse(bad->detail);
    return jws;
}

}  // namespace

Result<Shipped> read_shipped(std::string_view manifest) {
    const auto verified = licensing::verify_manifest(manifest, nullptr);
    if (!verified) return fail(verified.error());
    return Shipped{(*verified)->pinned_root(), (*verified)->product};
}

Result<Genuine> check_license(const Shipped& shipped, std::string_view answer,
                              std::int64_t seen_version) {
    // 1. From the root we were shipped with, over its successors, to the key set.
    const auto bundle = licensing::parse_trust_bundle(answer);
    if (!bundle) return refuse(bundle.error().detail);
    const auto trusted = licensing::accept_bundle(*bundle, shipped.root, seen_version);
    if (!trusted) return fail(trusted.error());
    // 2. From the key set to the license: signature, publisher, and that its key was valid then.
    const auto jws = document(answer, "license");
    if (!jws) return fail(jws.error());
    const auto license = licensing::verify_license(*jws, *trusted->key_set);
    if (!license) return refuse("license: " + license.error().detail);
    // 3. The publisher has other products. Their licenses are genuine, and not ours.
    if ((*license)->product != shipped.product)
        return refuse("license: it is for another product, " + (*license)->product);
    return Genuine{*license, trusted->key_set->version};
}

Result<Proof> check_attestation(const licensing::License& license, std::string_view answer,
                                std::string_view nonce) {
    const auto jws = document(answer, "attestation");
    if (!jws) return fail(jws.error());
    // Only the machine that the license was given to has this key.
    const auto statement =
        licensing::open_jws(*jws, licensing::typ::kAttestation, license.device_key);
    if (!statement) return refuse("attestation: " + statement.error().detail);
    ObjectReader in(*statement, "attestation");
    const auto said_nonce = in.string("nonce", kMaxText);
    const auto publisher = in.string("publisher", kMaxText);
    const auto product = in.string("product", kMaxText);
    const auto id = in.string("license", kMaxText);
    Proof proof;
    proof.state = in.string("state", kMaxText);
    proof.now = as_server(in.time("proven_now"));
    if (auto bad = in.finish(ObjectReader::Unknown::ignored)) return refuse(bad->detail);
    // A recorded one carries the nonce of its day.
    if (said_nonce != nonce) return refuse("attestation: it does not answer our question");
    if (publisher != license.publisher || product != license.product || id != license.id)
        return refuse("attestation: it is about another license");
    return proof;
}

bool in_force(const licensing::License& license, ServerTime now) {
    return !license.expires_at || now < *license.expires_at;
}

}  // namespace latchkey::sample
