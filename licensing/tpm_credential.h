#pragma once

// The key server's half of credential activation, in software: what TPM2_MakeCredential and
// TPM2_VerifySignature do (TPM 2.0 Library, part 1, "Credential Protection"; annexes B and C), and
// what both sides derive. Target latchkey_licensing_signatures.

#include <optional>
#include <span>
#include <string_view>

#include "hwid/fingerprint.h"
#include "licensing/crypto.h"
#include "licensing/tpm_structures.h"

namespace latchkey::licensing {

/// A key's name: its hash algorithm and the SHA-256 of its public area. `public_bytes` is a
/// TPM2B_PUBLIC that was parsed.
Bytes tpm_name(std::span<const std::uint8_t> public_bytes);
/// The qualified name of a primary key of the endorsement hierarchy.
Bytes tpm_endorsed_name(std::span<const std::uint8_t> name);

struct TpmCredential {
    Bytes blob;              ///< TPM2B_ID_OBJECT without its size
    Bytes encrypted_secret;  ///< TPM2B_ENCRYPTED_SECRET without its size
};
/// `secret` (at most 32 bytes) for the TPM with that endorsement key, to be opened for the key of
/// that name alone. None for a modulus that OpenSSL does not take.
std::optional<TpmCredential> make_tpm_credential(const TpmEndorsementKey& key,
                                                 std::span<const std::uint8_t> name,
                                                 std::span<const std::uint8_t> secret);

/// ECDSA with SHA-256, r and s. False also for a point that is not on the curve.
bool verify_tpm_signature(const TpmAttestationKey& key, std::span<const std::uint8_t> statement,
                          std::span<const std::uint8_t> signature);

/// What the quote is asked for: this nonce, for this device key.
Sha256 tpm_qualifying_data(std::span<const std::uint8_t> nonce, const PublicKey& device);

/// `unique` of the attestation key's template: another key for each publisher, so that two
/// publishers cannot join their records by it.
Sha256 tpm_label(std::string_view publisher);

/// From an endorsement key to the value of its component. One way and free of collisions, because
/// a proof stands on it; no secret (hwid/devices.h).
hwid::DigestFunction endorsement_key_digest();

/// The evidence that a machine with that endorsement key shows under a manifest's salt.
hwid::Digest endorsement_evidence(std::span<const std::uint8_t> ek_public, const Bytes& salt);

}  // namespace latchkey::licensing
