#pragma once

// The key material of one publisher, one data directory (docs/keyserver.md, Files). Made at the
// first start; private files are 0600. Losing pepper.key loses every record, so nothing is ever
// made a second time: what is missing later is an error.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "keyserver/pepper.h"
#include "licensing/crypto.h"
#include "licensing/seal.h"
#include "licensing/trust.h"

namespace latchkey::keyserver {

/// Who signs, and for whom. Written last at the first start: it marks the others as complete.
struct Publisher {
    std::string id;    ///< [a-z0-9.-]{1,64}
    std::string name;  ///< for people
    std::int64_t root_version = 1;
    licensing::PublicKey root{};
    std::string salt_id;
    Bytes salt;  ///< of every manifest: immutable per salt_id
};

/// True for [a-z0-9.-]{1,64}.
bool valid_publisher_id(std::string_view id);

class KeyRoom {
public:
    /// Was no first start ever completed in `directory`?
    static bool missing(const std::filesystem::path& directory);

    /// Opens `directory` (the caller holds its lock), making everything but publisher.json at the
    /// first start; complete() ends that.
    /// `publisher` names the publisher at the first start and must agree later; empty: at the first
    /// start a name derived from the root key, so that two key servers never share one by accident.
    /// Fails with Code::config_invalid or what platform/secure_file.h says.
    static Result<KeyRoom> open(const std::filesystem::path& directory, std::string_view publisher,
                                ServerTime now);

    /// Ends the first start by writing publisher.json, once all the rest of the directory is made:
    /// from then on nothing is made a second time. Later there is nothing to do.
    Result<void> complete() const;

    const Publisher& publisher() const { return publisher_; }
    const Pepper& pepper() const { return pepper_; }
    const licensing::SigningKey& signing_key() const { return signing_key_; }
    const licensing::SealKey& seal_key() const { return seal_key_; }
    const licensing::KeySet& key_set() const { return key_set_; }
    /// What /.well-known/latchkey serves.
    const licensing::TrustBundle& trust_bundle() const { return bundle_; }

    /// Signs manifests and key sets; std::nullopt where root.key was moved away.
    Result<std::optional<licensing::SigningKey>> load_root() const;

private:
    KeyRoom(std::filesystem::path directory, Publisher publisher, Pepper pepper,
            licensing::SigningKey signing_key, licensing::SealKey seal_key, licensing::KeySet set,
            licensing::TrustBundle bundle);

    std::filesystem::path directory_;
    Publisher publisher_;
    Pepper pepper_;
    licensing::SigningKey signing_key_;
    licensing::SealKey seal_key_;
    licensing::KeySet key_set_;
    licensing::TrustBundle bundle_;
};

}  // namespace latchkey::keyserver
