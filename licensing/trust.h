#pragma once

// Who may sign what (docs/architecture.md, Keys and trust): the publisher's root signs key sets,
// manifests, weights tables and its own successor; signing keys sign licenses, receipts, replies
// and challenges; never the other way round. Versions only rise.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "licensing/crypto.h"
#include "licensing/jws.h"

namespace latchkey::licensing {

namespace typ {
inline constexpr std::string_view kRootSuccession = "latchkey-root+jws";
inline constexpr std::string_view kKeySet = "latchkey-keyset+jws";
inline constexpr std::string_view kManifest = "latchkey-manifest+jws";
inline constexpr std::string_view kWeights = "latchkey-weights+jws";
inline constexpr std::string_view kLicense = "latchkey-license+jws";
inline constexpr std::string_view kReceipt = "latchkey-receipt+jws";
inline constexpr std::string_view kCloudEntitlement = "latchkey-cloud+jws";
inline constexpr std::string_view kReply = "latchkey-reply+jws";
inline constexpr std::string_view kChallenge = "latchkey-challenge+jws";
inline constexpr std::string_view kRequest = "latchkey-request+jws";
inline constexpr std::string_view kAttestation = "latchkey-attestation+jws";
}  // namespace typ

/// One signing key and the time it may sign in.
struct KeySetKey {
    std::string kid;
    PublicKey key{};
    ServerTime not_before;
    ServerTime not_after;
};

struct KeySet {
    std::string publisher;
    std::int64_t version = 0;
    ServerTime issued_at;
    ServerTime expires_at;
    std::vector<KeySetKey> signing_keys;
    std::string seal_kid;
    PublicKey seal_key{};

    const KeySetKey* find(std::string_view kid) const;
};

/// Root N vouches for root N+1.
struct RootSuccession {
    std::string publisher;
    std::int64_t version =
        0;  ///< of the new root; the first root is version 1 and needs no succession
    PublicKey new_root{};
};

/// A set names at most so many keys.
inline constexpr std::size_t kMaxSigningKeys = 32;

std::string sign_key_set(const SigningKey& root, const KeySet& set);
/// As it travels to whoever holds the root, to be signed there.
json::bj::value to_json(const KeySet& set);
/// Fails with Code::request_invalid.
Result<KeySet> key_set_from_json(const json::bj::value& value);
std::string sign_root_succession(const SigningKey& old_root, const RootSuccession& succession);

/// What an agent holds for a publisher: the pinned root, and the newest key set it has seen.
struct PinnedRoot {
    std::string publisher;
    std::int64_t version = 1;
    PublicKey root{};
};

/// What /.well-known/latchkey serves.
struct TrustBundle {
    std::vector<std::string> root_chain;  ///< RootSuccession JWS, oldest first; may be empty
    std::string key_set;                  ///< KeySet JWS
    /// A hint nobody signed: there is an evidence table of that version to fetch; 0: there is none.
    std::int64_t weights_version = 0;
};
json::bj::value to_json(const TrustBundle& bundle);
Result<TrustBundle> parse_trust_bundle(std::string_view body);

/// A bundle accepted: the root it ends at and its key set.
struct Trusted {
    PinnedRoot root;
    Verified<KeySet> key_set;
    /// As it came, oldest first. Links before the pinned root were not verified here: they are for
    /// whoever still holds an older root, and verifies them.
    std::vector<std::string> root_chain;
};

/// At most so many roots have followed the first.
inline constexpr std::size_t kMaxRootChain = 64;
inline constexpr std::size_t kMaxLinkBytes = 2048;

/// The root that the chain leads to from `pinned`, as accept_bundle() follows it.
Result<PinnedRoot> follow_chain(const std::vector<std::string>& chain, PinnedRoot pinned);

/// How far one key set may run ahead of the version seen before (first contact, 0, excepted), so
/// that a single wrong set cannot use up all versions there are.
inline constexpr std::int64_t kMaxVersionJump = 1'000'000;

/// Follows the chain from the pinned root, verifies the key set and that its version is not below
/// `seen_version`. Links older than the pinned root are passed over unread; from the pinned root on
/// each link must be signed by the root before it and raise the root's version by exactly one. A
/// key set's version may skip numbers, by at most kMaxVersionJump. Fails with
/// Code::signature_invalid (chain, signature, publisher, rollback). A set that is over is accepted:
/// what was signed in its time stays good, and an agent's clock is never a reason to refuse. What
/// was signed later is refused by `check_signing_time`.
Result<Trusted> accept_bundle(const TrustBundle& bundle, const PinnedRoot& pinned,
                              std::int64_t seen_version);

/// Opens a document of `typ` signed by one of the set's signing keys; refuses every typ that is not
/// theirs to sign. `signed_at` (the document's
/// own server time) must lie inside that key's validity; the caller passes it to check_signing_time
/// after reading it from the payload.
Result<json::bj::value> open_signed(std::string_view jws, std::string_view typ, const KeySet& keys);

/// Fails with Code::signature_invalid if the key that signed `jws`, or the set that vouches for it,
/// was not valid at `signed_at`.
Result<void> check_signing_time(std::string_view jws, const KeySet& keys, ServerTime signed_at);

}  // namespace latchkey::licensing
