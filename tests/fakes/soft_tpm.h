#pragma once

// A TPM's part of a proof, with keys that lie open: what a test, or a forger, makes of it. It does
// by OpenSSL what a TPM does, so that statements no TPM would sign can be signed, too. For a real
// one see tpm_simulator.h.

#include <optional>

#include "licensing/messages.h"
#include "licensing/openssl_handles.h"
#include "licensing/tpm_credential.h"

namespace latchkey::fakes {

class SoftTpm {
public:
    SoftTpm();

    Bytes ek_public() const;  ///< TPM2B_PUBLIC of template L-1
    Bytes ak_public() const;

    /// What the credential holds; none where it was made for another endorsement key or name.
    std::optional<Bytes> open(const licensing::TpmChallengeReply& challenge, const Bytes& ak_name);
    /// TPMS_ATTEST of a quote by this attestation key.
    Bytes quote(std::span<const std::uint8_t> extra) const;
    Bytes sign(std::span<const std::uint8_t> statement) const;

    /// What an honest agent makes of a challenge.
    licensing::TpmProof answer(const licensing::TpmChallengeReply& challenge,
                               const licensing::PublicKey& device);

private:
    licensing::KeyHandle endorsement_;
    licensing::KeyHandle attestation_;
};

}  // namespace latchkey::fakes
