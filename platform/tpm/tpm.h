#pragma once

// The TPM 2.0: its endorsement key, the one part of it that names it, and its proof that it is that
// TPM (docs/tpm.md). Nothing is changed or stored in it; what was created for an answer is flushed.

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "base/encoding.h"
#include "platform/hardware/hardware.h"

namespace latchkey::platform {

/// Asks the system's TPM. The key always comes from one template (TCG EK Credential Profile, L-1,
/// RSA 2048), read where it is kept, made again where it is not: the same TPM gives the same key
/// whatever others keep in it. Making it takes some TPMs many seconds, so a key that was read is
/// remembered for the life of the reader. A TPM 1.2 counts as absent. Where the TPM's library is
/// not installed, or the TPM refuses, the source says so (`origin`) as failed.
TpmReader tpm_reader();

/// Why a TPM gives no answer.
enum class TpmFailure : std::uint8_t {
    absent,
    too_old,  ///< a TPM 1.2
    no_library,
    not_permitted,
    hierarchy_locked,  ///< somebody set a password on the hierarchy that is needed
    locked_out,        ///< after too many wrong passwords
    refused,
    unreachable,  ///< it is there, and its driver or our software cannot talk to it
    timed_out,
};
/// "hierarchy_locked"
std::string_view name(TpmFailure failure);

struct TpmTrouble {
    TpmFailure failure = TpmFailure::refused;
    std::string detail;  ///< for logs
};
template <class T>
using TpmResult = tl::expected<T, TpmTrouble>;

/// Both as TPM2B_PUBLIC.
struct TpmKeys {
    Bytes ek_public;
    Bytes ak_public;
};

struct TpmProofParts {
    Bytes secret;     ///< what the credential held
    Bytes quote;      ///< TPMS_ATTEST, over no PCRs
    Bytes signature;  ///< ECDSA by the attestation key: r and s, 32 bytes each
};

/// Answers for its endorsement key. The attestation key is a restricted P-256 signing key of the
/// endorsement hierarchy, derived anew each time: the same on one TPM for one label, whatever was
/// installed on the machine since. Blocking, some TPMs for a minute; calls may come from
/// several threads and wait for each other.
class TpmProver {
public:
    using Label = std::array<std::uint8_t, 32>;

    virtual ~TpmProver() = default;
    virtual TpmResult<TpmKeys> keys(const Label& label) = 0;
    /// Opens a credential that was made for these two keys, and quotes `qualifying`. `refused` for
    /// a credential of another TPM or another label.
    virtual TpmResult<TpmProofParts> prove(const Label& label,
                                           std::span<const std::uint8_t> credential_blob,
                                           std::span<const std::uint8_t> encrypted_secret,
                                           std::span<const std::uint8_t> qualifying) = 0;
};

/// The system's TPM.
std::unique_ptr<TpmProver> tpm_prover();

}  // namespace latchkey::platform
