#include "keyserver/keys/key_rotation.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "base/strict_json.h"
#include "keyserver/keys/key_files.h"
#include "keyserver/policy.h"
#include "platform/secure_file.h"

namespace latchkey::keyserver {
namespace {

namespace fs = std::filesystem;
using licensing::key_id;
using licensing::PinnedRoot;
using licensing::SealKey;
using licensing::SigningKey;

constexpr std::size_t kMaxRootsBytes = 256 * 1024;

Failure damaged(const fs::path& file, const std::string& why) {
    return fail(Code::state_corrupt, file.string() + ": " + why);
}

/// No file: no root has followed the first.
Result<std::vector<std::string>> read_chain(const fs::path& file) {
    const auto text = platform::read_file(file, kMaxRootsBytes);
    std::vector<std::string> chain;
    if (!text && text.error().code == Code::record_unknown) return chain;
    if (!text) return fail(text.error());
    const auto value = json::parse_strict(*text, {.max_bytes = kMaxRootsBytes, .max_depth = 3});
    if (!value) return damaged(file, value.error().detail);
    json::ObjectReader in(*value, "roots");
    const auto* links = in.array("root_chain", licensing::kMaxRootChain);
    if (links)
        for (const auto& link : *links)
            chain.push_back(link.is_string() ? std::string(link.get_string()) : std::string());
    if (const auto bad = in.finish(json::ObjectReader::Unknown::ignored))
        return damaged(file, bad->detail);
    return chain;
}

Result<void> write_chain(const fs::path& file, const std::vector<std::string>& chain) {
    json::bj::array links;
    for (const auto& link : chain) links.emplace_back(link);
    return platform::write_public_file(
        file, json::to_pretty_text(json::bj::object{{"root_chain", std::move(links)}}) + "\n");
}

/// The chain as far as the root that signed the key set: what lies beyond belongs to a rotation
/// that never came into force.
Result<std::vector<std::string>> chain_to(std::string_view signer,
                                          const std::vector<std::string>& chain, PinnedRoot root,
                                          const fs::path& file) {
    std::vector<std::string> used;
    for (const auto& link : chain) {
        if (key_id(root.root) == signer) break;
        auto next = licensing::follow_chain({link}, root);
        if (!next) return damaged(file, next.error().detail);
        if (next->version == root.version) return damaged(file, "a root is missing");
        root = std::move(*next);
        used.push_back(link);
    }
    return used;
}

/// The key `kid` from its place, or from where it lay ready. A file that is not needed is not
/// judged.
template <class Key, class Read>
Result<Key> find_key(std::string_view kid, const fs::path& next, const fs::path& place, Read read) {
    Result<Key> ready = read(next);
    if (ready && key_id(ready->public_key()) == kid) return ready;
    Result<Key> key = read(place);
    if (key && key_id(key->public_key()) != kid)
        return fail(Code::state_corrupt,
                    place.filename().string() + " is not the key that keyset.jws names");
    return key;
}

bool previous_seal_counts(const licensing::KeySet& set, ServerTime now) {
    return now < set.issued_at + kSealOverlap;
}

/// Before seal.key is moved away it is the one before.
std::optional<SealKey> find_previous_seal(const KeyNames& names, const licensing::KeySet& set,
                                          ServerTime now) {
    if (!previous_seal_counts(set, now)) return std::nullopt;
    for (const auto& file : {names.seal, names.previous_seal}) {
        auto key = read_seal_key(file);
        if (key && key->public_key() != set.seal_key) return std::move(*key);
    }
    return std::nullopt;
}

/// The old key is destroyed before the new one takes its place; interrupted in between, the new one
/// is still found where it lay ready.
Result<void> move_signing_key(const fs::path& next, const fs::path& place, const SigningKey& key) {
    const auto there = read_signing_key(place);
    if (!there || there->public_key() != key.public_key()) {
        if (auto gone = platform::scrub_file(place); !gone) return gone;
        if (auto written = write_signing_key(place, key); !written) return written;
    }
    const auto ready = read_signing_key(next);
    const bool moved = ready && ready->public_key() == key.public_key();
    return moved ? platform::scrub_file(next) : Result<void>();
}

Result<void> move_seal_key(const KeyNames& names, const Keys& keys, ServerTime now) {
    const auto there = read_seal_key(names.seal);
    if (!there || there->public_key() != keys.set.seal_key) {
        if (there)
            if (auto kept = write_seal_key(names.previous_seal, *there); !kept) return kept;
        if (auto written = write_seal_key(names.seal, keys.seal); !written) return written;
    }
    const auto ready = read_seal_key(names.next_seal);
    if (ready && ready->public_key() == keys.set.seal_key)
        if (auto gone = platform::scrub_file(names.next_seal); !gone) return gone;
    if (previous_seal_counts(keys.set, now)) return {};
    return platform::scrub_file(names.previous_seal);
}

/// A new root that was made here takes its place here.
Result<void> move_root(const KeyNames& names, const PinnedRoot& root) {
    const auto ready = read_signing_key(names.next_root);
    if (!ready || ready->public_key() != root.root) return {};
    return move_signing_key(names.next_root, names.root, *ready);
}

SealKey copy_of(const SealKey& key) {
    auto bytes = key.bytes();
    auto copy = SealKey::from_bytes(bytes);
    licensing::wipe(std::span<std::uint8_t>(bytes));
    return std::move(*copy);
}

}  // namespace

Result<Keys> read_keys(const KeyNames& names, const PinnedRoot& pinned, ServerTime now) {
    auto key_set = platform::read_file(names.key_set, licensing::kMaxJwsBytes);
    if (!key_set) return fail(std::move(key_set.error()));
    auto chain = read_chain(names.roots);
    if (!chain) return fail(std::move(chain.error()));
    auto used = chain_to(licensing::claimed_key_id(*key_set), *chain, pinned, names.roots);
    if (!used) return fail(std::move(used.error()));
    licensing::TrustBundle bundle{std::move(*used), std::move(*key_set)};
    const auto trusted = licensing::accept_bundle(bundle, pinned, 0);
    if (!trusted) return damaged(names.key_set, trusted.error().detail);
    licensing::KeySet set = *trusted->key_set;
    auto signing = find_key<SigningKey>(set.signing_keys.back().kid, names.next_signing,
                                        names.signing, read_signing_key);
    if (!signing) return fail(std::move(signing.error()));
    auto seal = find_key<SealKey>(key_id(set.seal_key), names.next_seal, names.seal, read_seal_key);
    if (!seal) return fail(std::move(seal.error()));
    return Keys{.root = trusted->root,
                .signing = std::move(*signing),
                .seal = std::move(*seal),
                .previous_seal = find_previous_seal(names, set, now),
                .set = std::move(set),
                .bundle = std::move(bundle)};
}

Result<WeightsInForce> read_weights(const KeyNames& names, const PinnedRoot& root) {
    WeightsInForce in_force{hwid::default_weights(), {}};
    const auto jws = platform::read_file(names.weights, licensing::kMaxJwsBytes);
    if (!jws && jws.error().code == Code::record_unknown) return in_force;
    if (!jws) return fail(jws.error());
    const auto table = licensing::verify_weights(*jws, root);
    const auto newer = table ? licensing::check_replaces(*table, in_force.table)
                             : Result<void>(fail(table.error()));
    if (newer)
        in_force = {(*table)->weights, *jws};
    else
        spdlog::warn("{} is not in force: {}; install it anew with 'admin weights install'",
                     names.weights.string(), newer.error().detail);
    return in_force;
}

Result<KeyRoom> KeyRoom::with_weights(const std::string& jws) const {
    const auto table = licensing::verify_weights(jws, root());
    if (!table) return fail(table.error());
    if (auto newer = licensing::check_replaces(*table, weights().table); !newer)
        return fail(std::move(newer.error()));
    if (auto written = platform::write_public_file(names_in(directory_).weights, jws); !written)
        return fail(std::move(written.error()));
    KeyRoom next = *this;
    next.weights_ = std::make_shared<const WeightsInForce>(WeightsInForce{(*table)->weights, jws});
    return next;
}

Result<void> tidy(const KeyNames& names, const Keys& keys, ServerTime now) {
    if (auto moved = move_seal_key(names, keys, now); !moved) return moved;
    if (auto moved = move_signing_key(names.next_signing, names.signing, keys.signing); !moved)
        return moved;
    return move_root(names, keys.root);
}

licensing::KeySet next_key_set(const licensing::KeySet& current,
                               const licensing::PublicKey& signing,
                               const licensing::PublicKey& seal, ServerTime now) {
    licensing::KeySet next = current;
    next.version = current.version + 1;
    next.issued_at = now;
    next.expires_at = now + kKeySetLifetime;
    // What a clock that was ahead has signed stays good, too.
    const ServerTime last = std::max(now, current.issued_at) + kRetiredKeyMargin;
    for (auto& key : next.signing_keys)
        key.not_after = std::max(std::min(key.not_after, last), key.not_before + Duration{1});
    while (next.signing_keys.size() >= licensing::kMaxSigningKeys)
        next.signing_keys.erase(next.signing_keys.begin());
    next.signing_keys.push_back(
        {key_id(signing), signing, now - kEarlySigning, now + kSigningKeyLifetime});
    next.seal_kid = key_id(seal);
    next.seal_key = seal;
    return next;
}

Result<licensing::KeySet> KeyRoom::prepare_rotation(ServerTime now) const {
    const auto names = names_in(directory_);
    const auto signing = SigningKey::generate();
    const auto seal = SealKey::generate();
    if (auto written = write_signing_key(names.next_signing, signing); !written)
        return fail(std::move(written.error()));
    if (auto written = write_seal_key(names.next_seal, seal); !written)
        return fail(std::move(written.error()));
    return next_key_set(key_set(), signing.public_key(), seal.public_key(), now);
}

Result<KeyRoom> KeyRoom::rotated(std::string key_set_jws, const std::string& link,
                                 const std::string& weights_jws) const {
    const Keys& before = keys();
    licensing::TrustBundle bundle{before.bundle.root_chain, std::move(key_set_jws)};
    if (!link.empty()) bundle.root_chain.push_back(link);
    if (bundle.root_chain.size() > licensing::kMaxRootChain)
        return fail(Code::request_invalid, "no further root can follow");
    const auto trusted = licensing::accept_bundle(bundle, before.root, before.set.version);
    if (!trusted) return fail(trusted.error());
    const licensing::KeySet& set = *trusted->key_set;
    if (trusted->root.version != before.root.version + (link.empty() ? 0 : 1))
        return fail(Code::signature_invalid, "the link does not introduce the next root");
    if (!link.empty() && !weights().jws.empty()) {
        const auto table = licensing::verify_weights(weights_jws, trusted->root);
        if (!table || (*table)->weights != weights().table)
            return fail(Code::signature_invalid,
                        "the evidence table in force is not signed by the new root");
    }
    const auto names = names_in(directory_);
    auto signing = read_signing_key(names.next_signing);
    auto seal = read_seal_key(names.next_seal);
    if (!signing || !seal || set.version != before.set.version + 1 ||
        set.signing_keys.back().kid != key_id(signing->public_key()) ||
        set.seal_key != seal->public_key())
        return fail(Problem{Code::request_invalid,
                            "this key set is not the one that was prepared here last",
                            "Another rotation came in between; see 'signing-key list'."});

    if (!link.empty())
        if (auto written = write_chain(names.roots, bundle.root_chain); !written)
            return fail(std::move(written.error()));
    // From here on the new keys are in force, whatever happens.
    if (auto written = platform::write_public_file(names.key_set, bundle.key_set); !written)
        return fail(std::move(written.error()));
    KeyRoom next = *this;
    next.keys_ = std::make_shared<const Keys>(Keys{.root = trusted->root,
                                                   .signing = std::move(*signing),
                                                   .seal = std::move(*seal),
                                                   .previous_seal = copy_of(before.seal),
                                                   .set = set,
                                                   .bundle = std::move(bundle)});
    if (!link.empty() && !weights().jws.empty()) {
        next.weights_ =
            std::make_shared<const WeightsInForce>(WeightsInForce{weights().table, weights_jws});
        if (auto written = platform::write_public_file(names.weights, weights_jws); !written)
            spdlog::warn("install the evidence table anew: {}", written.error().detail);
    }
    if (auto tidied = tidy(names, next.keys(), set.issued_at); !tidied)
        spdlog::warn("the next start moves the new keys to their places: {}",
                     tidied.error().detail);
    return next;
}

Result<std::optional<KeyRoom>> KeyRoom::newer_on_disk(ServerTime now) const {
    const auto names = names_in(directory_);
    auto there =
        read_keys(names, {publisher().id, publisher().root_version, publisher().root}, now);
    if (!there) return fail(std::move(there.error()));
    if (there->set.version < key_set().version || there->root.version < root().version)
        return damaged(names.key_set, "it is older than the key set in force");
    auto table = read_weights(names, there->root);
    if (!table) return fail(std::move(table.error()));
    if (table->table.version < weights().table.version)
        return damaged(names.weights, "it is older than the evidence table in force");
    const bool newer_keys = there->set.version > key_set().version;
    if (!newer_keys && table->table.version == weights().table.version)
        return std::optional<KeyRoom>();
    KeyRoom next = *this;
    next.weights_ = std::make_shared<const WeightsInForce>(std::move(*table));
    if (newer_keys) {
        if (auto tidied = tidy(names, *there, now); !tidied) return fail(std::move(tidied.error()));
        // Messages under way are sealed to what this server told, whatever lies in the directory.
        if (seal_key().public_key() != there->set.seal_key)
            there->previous_seal = copy_of(seal_key());
        next.keys_ = std::make_shared<const Keys>(std::move(*there));
    }
    return std::optional<KeyRoom>(std::move(next));
}

const SealKey& KeyRoom::seal_key_named(std::string_view kid, ServerTime now) const {
    const Keys& held = keys();
    const bool earlier = held.previous_seal && previous_seal_counts(held.set, now) &&
                         key_id(held.previous_seal->public_key()) == kid;
    return earlier ? *held.previous_seal : held.seal;
}

}  // namespace latchkey::keyserver
