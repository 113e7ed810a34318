#pragma once

// The key material of one publisher, one data directory (docs/keyserver.md, Files). Made at the
// first start; private files are 0600. Losing pepper.key loses every record, so nothing is ever
// made a second time: what is missing later is an error. Signing key, sealing key, key set and root
// are replaced by rotations alone, all together (docs/keyserver.md, Rotation).
//
// A KeyRoom never changes: a change gives the next one. Who holds which: key_keeper.h.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "keyserver/keys/pepper.h"
#include "licensing/crypto.h"
#include "licensing/seal.h"
#include "licensing/trust.h"
#include "licensing/weights.h"

namespace latchkey::keyserver {

/// Who signs, and for whom. Written last at the first start: it marks the others as complete.
struct Publisher {
    std::string id;    ///< [a-z0-9.-]{1,64}
    std::string name;  ///< for people
    std::int64_t root_version = 1;
    licensing::PublicKey root{};  ///< the first one; its successors: KeyRoom::root()
    std::string salt_id;
    Bytes salt;  ///< of every manifest: immutable per salt_id
};

/// True for [a-z0-9.-]{1,64}.
bool valid_publisher_id(std::string_view id);

/// What a rotation replaces, together.
struct Keys {
    licensing::PinnedRoot root;
    licensing::SigningKey signing;
    licensing::SealKey seal;
    std::optional<licensing::SealKey> previous_seal;  ///< for messages under way
    licensing::KeySet set;
    licensing::TrustBundle bundle;
};

/// The evidence table in force: the one built in, or a newer one that the root signed.
struct WeightsInForce {
    hwid::Weights table;
    std::string jws;  ///< empty: the one built in
};

/// Cheap to copy; on any thread.
class KeyRoom {
public:
    /// Was no first start ever completed in `directory`?
    static bool missing(const std::filesystem::path& directory);

    /// Opens `directory` (the caller holds its lock), making everything but publisher.json at the
    /// first start; complete() ends that. A rotation that was interrupted is finished, or it never
    /// happened.
    /// `publisher` names the publisher at the first start and must agree later; empty: at the first
    /// start a name derived from the root key, so that two key servers never share one by accident.
    /// Fails with Code::config_invalid or what platform/secure_file.h says.
    static Result<KeyRoom> open(const std::filesystem::path& directory, std::string_view publisher,
                                ServerTime now);

    /// Ends the first start by writing publisher.json, once all the rest of the directory is made:
    /// from then on nothing is made a second time. Later there is nothing to do.
    Result<void> complete() const;

    const std::filesystem::path& directory() const { return directory_; }
    const Publisher& publisher() const { return *publisher_; }
    const Pepper& pepper() const { return *pepper_; }

    const Keys& keys() const { return *keys_; }
    const licensing::SigningKey& signing_key() const { return keys().signing; }
    const licensing::SealKey& seal_key() const { return keys().seal; }
    const licensing::KeySet& key_set() const { return keys().set; }
    const licensing::PinnedRoot& root() const { return keys().root; }
    /// What /.well-known/latchkey serves.
    const licensing::TrustBundle& trust_bundle() const { return keys().bundle; }
    /// The sealing key that a message names: for a day after a rotation also the one before.
    const licensing::SealKey& seal_key_named(std::string_view kid, ServerTime now) const;

    const WeightsInForce& weights() const { return *weights_; }

    // Changes. Each writes the directory's files; one at a time, from the newest room.

    /// Puts a table in force whose version is above. Fails with Code::signature_invalid, which
    /// changes nothing.
    Result<KeyRoom> with_weights(const std::string& jws) const;

    /// Signs manifests and key sets; std::nullopt where root.key was moved away.
    Result<std::optional<licensing::SigningKey>> load_root() const;

    /// Makes the next signing and sealing key, beside those in force, and tells the key set that
    /// will name them, for the root to sign. Done again it makes them anew.
    Result<licensing::KeySet> prepare_rotation(ServerTime now) const;
    /// Puts the prepared keys in force, and, with a `link`, the root that it introduces. All or
    /// nothing, also when interrupted. Fails with Code::signature_invalid or
    /// Code::request_invalid, which change nothing.
    /// `weights` is the installed table anew, by that root; empty: there is none.
    Result<KeyRoom> rotated(std::string key_set_jws, const std::string& link,
                            const std::string& weights = {}) const;

    /// What was put into the directory from elsewhere since; std::nullopt: nothing newer. Fails
    /// with Code::state_corrupt and what open() says where it does not fit together or is older.
    Result<std::optional<KeyRoom>> newer_on_disk(ServerTime now) const;

private:
    KeyRoom(std::filesystem::path directory, Publisher publisher, Pepper pepper, Keys keys,
            WeightsInForce weights);

    std::filesystem::path directory_;
    std::shared_ptr<const Publisher> publisher_;
    std::shared_ptr<const Pepper> pepper_;
    std::shared_ptr<const Keys> keys_;
    std::shared_ptr<const WeightsInForce> weights_;
};

/// The key set after `current`: its keys go on verifying what they signed, and `signing` signs from
/// now on. A full set lets its oldest key go. Pure.
licensing::KeySet next_key_set(const licensing::KeySet& current,
                               const licensing::PublicKey& signing,
                               const licensing::PublicKey& seal, ServerTime now);

}  // namespace latchkey::keyserver
