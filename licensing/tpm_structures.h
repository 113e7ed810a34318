#pragma once

// The TPM 2.0 structures that travel as bytes, read strictly: one template a key, every length
// checked, nothing left over (TPM 2.0 Library, part 2; TCG EK Credential Profile). Pure. All fail
// with Code::request_invalid.

#include <array>
#include <cstdint>
#include <span>

#include "base/encoding.h"
#include "base/result.h"

namespace latchkey::licensing {

inline constexpr std::size_t kMaxTpmPublicBytes = 512;
inline constexpr std::size_t kMaxTpmQuoteBytes = 512;
inline constexpr std::size_t kTpmSecretBytes = 32;
inline constexpr std::size_t kTpmSignatureBytes = 64;  ///< r and s, 32 bytes each

/// An endorsement key: TPM2B_PUBLIC of template L-1, RSA 2048.
struct TpmEndorsementKey {
    std::array<std::uint8_t, 256> modulus{};
};
Result<TpmEndorsementKey> parse_endorsement_key(std::span<const std::uint8_t> bytes);

/// A key that signs nothing but what its TPM says of itself, and that never leaves it:
/// TPM2B_PUBLIC, P-256, ECDSA with SHA-256, restricted.
struct TpmAttestationKey {
    std::array<std::uint8_t, 32> x{};
    std::array<std::uint8_t, 32> y{};
};
Result<TpmAttestationKey> parse_attestation_key(std::span<const std::uint8_t> bytes);

/// What a TPM signed over: TPMS_ATTEST of a quote that names no PCRs.
struct TpmQuote {
    Bytes signer;  ///< qualified name of the key
    Bytes extra;   ///< what the quote was asked for
};
Result<TpmQuote> parse_tpm_quote(std::span<const std::uint8_t> bytes);

}  // namespace latchkey::licensing
