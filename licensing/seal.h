#pragma once

// Sealing to the key set's X25519 key, so that neither a relay nor a TLS-inspecting proxy reads
// product keys and fingerprints: JWE compact serialisation (RFC 7516) with "ECDH-ES" over X25519
// (RFC 8037) and "A256GCM".

#include <string>
#include <string_view>

#include "base/result.h"
#include "licensing/crypto.h"

namespace latchkey::licensing {

/// An X25519 private key; wiped on destruction. Move-only.
class SealKey {
public:
    static SealKey generate();
    static std::optional<SealKey> from_bytes(std::span<const std::uint8_t> bytes);
    SealKey(SealKey&&) noexcept;
    SealKey& operator=(SealKey&&) noexcept;
    ~SealKey();

    Bytes bytes() const;  ///< secret
    const PublicKey& public_key() const { return public_key_; }

private:
    SealKey() = default;
    std::array<std::uint8_t, 32> private_{};
    PublicKey public_key_{};
};

/// RFC 7638 thumbprint of the X25519 key, base64url: the seal key's name.
std::string seal_key_id(const PublicKey& key);

/// False for a point of small order, under which every sealed message would have the same known
/// key. Verified key sets hold usable keys only.
bool usable_seal_key(const PublicKey& recipient);

/// A fresh ephemeral key each call; `kid` names the recipient key. `recipient` must be usable.
std::string seal(const PublicKey& recipient, std::string_view kid, std::string_view plaintext);

/// Fails with Code::signature_invalid for anything that was altered, sealed to another key, or not
/// of this one form.
Result<std::string> unseal(std::string_view jwe, const SealKey& key);

/// The kid a JWE claims, to pick one among our own keys.
std::string claimed_seal_key_id(std::string_view jwe);

}  // namespace latchkey::licensing
