#include <algorithm>
#include <array>

#include "licensing/fields.h"
#include "licensing/seal.h"
#include "licensing/trust.h"

namespace latchkey::licensing {
namespace {

using json::ObjectReader;

Failure refuse(std::string why) { return fail(Code::signature_invalid, std::move(why)); }

json::bj::value to_json(const KeySetKey& key) {
    return json::bj::object{{"kid", key.kid},
                            {"key", to_text(key.key)},
                            {"not_before", fields::json_time(key.not_before)},
                            {"not_after", fields::json_time(key.not_after)}};
}

Result<KeySetKey> read_key(const json::bj::value& value) {
    ObjectReader in(value, "signing key");
    KeySetKey key;
    key.kid = in.string("kid", fields::kMaxIdBytes);
    key.key = fields::key(in, "key");
    key.not_before = fields::time(in, "not_before");
    key.not_after = fields::time(in, "not_after");
    if (in.ok() && key.kid != key_id(key.key)) in.refuse("kid", "is not the key's thumbprint");
    if (in.ok() && key.not_after <= key.not_before) in.refuse("not_after", "is before not_before");
    if (auto bad = in.finish(ObjectReader::Unknown::ignored)) return fail(*bad);
    return key;
}

bool has_repeated_key(const std::vector<KeySetKey>& keys) {
    for (std::size_t i = 0; i < keys.size(); ++i)
        for (std::size_t j = i + 1; j < keys.size(); ++j)
            if (keys[i].kid == keys[j].kid) return true;
    return false;
}

}  // namespace

Result<KeySet> key_set_from_json(const json::bj::value& value) {
    ObjectReader in(value, "key set");
    KeySet set;
    set.publisher = fields::text(in, "publisher", fields::kMaxIdBytes, fields::is_publisher_id);
    set.version = in.integer("version", 1, fields::kMaxVersion);
    set.issued_at = fields::time(in, "issued_at");
    set.expires_at = fields::time(in, "expires_at");
    set.signing_keys = fields::list(in, "signing_keys", kMaxSigningKeys, read_key);
    set.seal_kid = fields::text(in, "seal_kid", fields::kMaxIdBytes, fields::is_token);
    set.seal_key = fields::key(in, "seal_key");
    if (in.ok() && set.expires_at <= set.issued_at) in.refuse("expires_at", "is before issued_at");
    if (in.ok() && set.signing_keys.empty()) in.refuse("signing_keys", "is empty");
    if (in.ok() && has_repeated_key(set.signing_keys))
        in.refuse("signing_keys", "names one key twice");
    if (in.ok() && !usable_seal_key(set.seal_key)) in.refuse("seal_key", "is of small order");
    if (auto bad = in.finish(ObjectReader::Unknown::ignored)) return fail(*bad);
    return set;
}

namespace {

Result<RootSuccession> read_succession(const json::bj::value& value) {
    ObjectReader in(value, "root succession");
    RootSuccession succession;
    succession.publisher =
        fields::text(in, "publisher", fields::kMaxIdBytes, fields::is_publisher_id);
    succession.version = in.integer("version", 2, fields::kMaxVersion);
    succession.new_root = fields::key(in, "new_root");
    if (auto bad = in.finish(ObjectReader::Unknown::ignored)) return fail(*bad);
    return succession;
}

/// One step from `root` to its successor.
Result<PinnedRoot> follow(const PinnedRoot& root, std::string_view link) {
    const auto payload = open_jws(link, typ::kRootSuccession, root.root);
    if (!payload) return refuse("root chain: " + payload.error().detail);
    const auto next = read_succession(*payload);
    if (!next) return refuse(next.error().detail);
    if (next->publisher != root.publisher) return refuse("root chain: another publisher's link");
    if (next->version != root.version + 1) {
        return refuse("root chain: version " + std::to_string(next->version) + " cannot follow " +
                      std::to_string(root.version));
    }
    return PinnedRoot{root.publisher, next->version, next->new_root};
}

}  // namespace

Result<PinnedRoot> follow_chain(const std::vector<std::string>& chain, PinnedRoot root) {
    // Links before the pinned root were signed by roots nobody here knows; the kid alone decides
    // where to start, and a lie about it only makes the key set fail below.
    const auto own = key_id(root.root);
    auto link = std::find_if(chain.begin(), chain.end(), [&](const std::string& candidate) {
        return claimed_key_id(candidate) == own;
    });
    for (; link != chain.end(); ++link) {
        auto next = follow(root, *link);
        if (!next) return next;
        root = std::move(*next);
    }
    return root;
}

namespace {

Result<void> check_version(std::int64_t version, std::int64_t seen) {
    if (version < seen) {
        return refuse("the key set is version " + std::to_string(version) + ", but version " +
                      std::to_string(seen) + " was seen before");
    }
    if (seen > 0 && version - seen > kMaxVersionJump)
        return refuse("the key set's version runs too far ahead of the one seen before");
    return {};
}

}  // namespace

json::bj::value to_json(const KeySet& set) {
    json::bj::array keys;
    for (const auto& key : set.signing_keys) keys.push_back(to_json(key));
    return json::bj::object{{"publisher", set.publisher},
                            {"version", set.version},
                            {"issued_at", fields::json_time(set.issued_at)},
                            {"expires_at", fields::json_time(set.expires_at)},
                            {"signing_keys", std::move(keys)},
                            {"seal_kid", set.seal_kid},
                            {"seal_key", to_text(set.seal_key)}};
}

std::string sign_key_set(const SigningKey& root, const KeySet& set) {
    return sign_jws(root, typ::kKeySet, to_json(set));
}

std::string sign_root_succession(const SigningKey& old_root, const RootSuccession& succession) {
    return sign_jws(old_root, typ::kRootSuccession,
                    json::bj::object{{"publisher", succession.publisher},
                                     {"version", succession.version},
                                     {"new_root", to_text(succession.new_root)}});
}

Result<Trusted> accept_bundle(const TrustBundle& bundle, const PinnedRoot& pinned,
                              std::int64_t seen_version) {
    auto root = follow_chain(bundle.root_chain, pinned);
    if (!root) return fail(root.error());
    const auto payload = open_jws(bundle.key_set, typ::kKeySet, root->root);
    if (!payload) return refuse("key set: " + payload.error().detail);
    auto set = key_set_from_json(*payload);
    if (!set) return refuse(set.error().detail);
    if (set->publisher != pinned.publisher) return refuse("the key set is another publisher's");
    if (set->find(key_id(root->root))) return refuse("the root is no signing key");
    if (const auto version = check_version(set->version, seen_version); !version)
        return fail(version.error());
    return Trusted{std::move(*root), VerifiedMaker::make(std::move(*set), bundle.key_set),
                   bundle.root_chain};
}

Result<json::bj::value> open_signed(std::string_view jws, std::string_view typ,
                                    const KeySet& keys) {
    static constexpr std::array kTheirs{typ::kLicense, typ::kReceipt, typ::kCloudEntitlement,
                                        typ::kReply, typ::kChallenge};
    if (std::find(kTheirs.begin(), kTheirs.end(), typ) == kTheirs.end())
        return refuse("a signing key may not sign this type of document");
    const auto* key = keys.find(claimed_key_id(jws));
    if (!key) return refuse("it is not signed by a key of the publisher's key set");
    return open_jws(jws, typ, key->key);
}

Result<void> check_signing_time(std::string_view jws, const KeySet& keys, ServerTime signed_at) {
    const auto* key = keys.find(claimed_key_id(jws));
    if (!key) return refuse("it is not signed by a key of the publisher's key set");
    if (signed_at < key->not_before || signed_at > key->not_after)
        return refuse("its key was not valid when it was signed");
    if (signed_at > keys.expires_at)
        return refuse("it was signed after the end of the publisher's key set");
    return {};
}

}  // namespace latchkey::licensing
