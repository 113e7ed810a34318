#pragma once

// The few primitives everything signed is made of, over OpenSSL. Target
// latchkey_licensing_signatures; the CLI does not link it. All functions are thread-safe; a failure
// inside OpenSSL (out of memory) aborts.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "base/result.h"
#include "hwid/fingerprint.h"

struct evp_pkey_st;  // OpenSSL's

namespace latchkey::licensing {

using Sha256 = std::array<std::uint8_t, 32>;
using PublicKey = std::array<std::uint8_t, 32>;  ///< Ed25519 or X25519, raw (RFC 8037)

Sha256 sha256(std::span<const std::uint8_t> bytes);
Sha256 sha256(std::string_view text);
Sha256 hmac_sha256(std::span<const std::uint8_t> key, std::span<const std::uint8_t> bytes);

/// Compares in constant time.
bool equal_secret(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b);

/// Overwrites with zeros in a way the compiler keeps.
void wipe(std::span<std::uint8_t> secret);
void wipe(std::string& secret);

/// Random bytes for keys, nonces and ids.
Bytes random_bytes(std::size_t count);
/// `prefix` + 128 random bits in base64url: "rcp_..." — ids that cannot be guessed or collide.
std::string random_id(std::string_view prefix);

/// An Ed25519 private key; wiped on destruction. Move-only. Kept ready to sign: making OpenSSL's
/// form of it costs as much as a signature.
class SigningKey {
public:
    static SigningKey generate();
    /// From the 32-byte seed; nullopt for another length.
    static std::optional<SigningKey> from_seed(std::span<const std::uint8_t> seed);
    SigningKey(SigningKey&&) noexcept = default;
    SigningKey& operator=(SigningKey&&) noexcept = default;
    ~SigningKey() = default;

    Bytes seed() const;  ///< secret; empty once it was moved from
    const PublicKey& public_key() const { return public_key_; }
    std::array<std::uint8_t, 64> sign(std::span<const std::uint8_t> bytes) const;

private:
    SigningKey() = default;
    struct Free {
        void operator()(evp_pkey_st* key) const;
    };
    std::unique_ptr<evp_pkey_st, Free> key_;
    PublicKey public_key_{};
};

bool verify_ed25519(const PublicKey& key, std::span<const std::uint8_t> bytes,
                    std::span<const std::uint8_t> signature);

/// RFC 7638 thumbprint of the OKP key, base64url: the kid everywhere.
std::string key_id(const PublicKey& key);

std::string to_text(const PublicKey& key);  ///< base64url
std::optional<PublicKey> public_key_from_text(std::string_view text);

/// HMAC-SHA-256 under the publisher's salt, truncated to 16 bytes: the digest function of
/// everything that travels. hwid::fingerprint() cuts model-level kinds down to 8.
hwid::DigestFunction keyed_digest(Bytes salt);

}  // namespace latchkey::licensing
