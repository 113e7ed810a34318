#pragma once

// One conversation with a TPM: what the reader and the prover ask of it. Whatever it loads is
// flushed at its end. Not thread-safe. Internal to the Linux files of platform/.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "platform/tpm/tpm_library_linux.h"
#include "platform/tpm/tpm_linux.h"

namespace latchkey::platform {

/// TCG EK Credential Profile for TPM 2.0, template L-1.
TPM2B_PUBLIC endorsement_template();
/// A restricted signing key on P-256. `unique` tells templates of different purposes apart.
TPM2B_PUBLIC attestation_template(std::span<const std::uint8_t, 32> unique);

class TpmSession {
public:
    struct Key {
        ESYS_TR handle = ESYS_TR_NONE;
        Bytes public_bytes;  ///< TPM2B_PUBLIC
    };
    using Saved = TPMS_CONTEXT;
    struct Quoted {
        Bytes statement;  ///< TPMS_ATTEST
        Bytes signature;  ///< r and s, 32 bytes each
    };

    TpmSession(const TpmLibrary& tss, TSS2_TCTI_CONTEXT* tpm);
    ~TpmSession();
    TpmSession(const TpmSession&) = delete;
    TpmSession& operator=(const TpmSession&) = delete;

    /// The library's code of the last call; where a call below gives nothing, the reason.
    TSS2_RC code() const { return code_; }
    bool failed() const { return code_ != TSS2_RC_SUCCESS; }

    /// The endorsement key where TCG's place keeps the one of the template; none where it does not.
    std::optional<Key> kept_endorsement_key();
    std::optional<Key> create_endorsement_key() { return create_primary(endorsement_template()); }
    std::optional<Key> create_attestation_key(const TpmProver::Label& label) {
        return create_primary(attestation_template(label));
    }
    std::optional<TPMS_CONTEXT> save(const Key& key);
    std::optional<ESYS_TR> load(const TPMS_CONTEXT& saved);

    /// What the credential holds, where it was made for these two keys.
    std::optional<Bytes> activate(ESYS_TR attestation, ESYS_TR endorsement,
                                  std::span<const std::uint8_t> blob,
                                  std::span<const std::uint8_t> encrypted_secret);
    std::optional<Quoted> quote(ESYS_TR attestation, std::span<const std::uint8_t> qualifying);

    /// For what goes on with the same conversation (tpm_memory_linux.h).
    const TpmLibrary& tss() const { return tss_; }
    ESYS_CONTEXT* context() const { return context_; }
    /// Asked first, because the library complains in the log of what is not there.
    bool has_handle(TPM2_HANDLE handle);
    bool worked(TSS2_RC code);
    template <class T>
    auto owned(T* pointer) const {
        return std::unique_ptr<T, decltype(TpmLibrary::free)>(pointer, tss_.free);
    }

private:
    /// Of the endorsement hierarchy, with an empty authorisation.
    std::optional<Key> create_primary(const TPM2B_PUBLIC& wanted);
    std::optional<ESYS_TR> endorsement_session();
    Bytes bytes_of(const TPM2B_PUBLIC& key) const;

    const TpmLibrary& tss_;
    ESYS_CONTEXT* context_ = nullptr;
    TSS2_RC code_ = TSS2_RC_SUCCESS;
    std::vector<ESYS_TR> loaded_;
};

/// The library's code as a failure.
TpmTrouble trouble_of(TSS2_RC code, bool ran_out_of_patience);

/// One conversation: `ask` gets the session and answers an optional.
template <class Ask>
auto ask_tpm(const TpmOpener& open, Duration patience, Ask ask)
    -> TpmResult<typename std::invoke_result_t<Ask, TpmSession&>::value_type> {
    const TpmLibrary* tss = TpmLibrary::get();
    auto device = open();
    if (!device) return tl::unexpected(std::move(device.error()));
    if (!tss)
        return tl::unexpected(
            TpmTrouble{TpmFailure::no_library, "libtss2-esys.so.0 is not installed"});
    FileTcti tcti(device->get(), patience);
    TpmSession session(*tss, tcti.context());
    auto answer = ask(session);
    if (!answer) return tl::unexpected(trouble_of(session.code(), tcti.ran_out_of_patience()));
    return std::move(*answer);
}

}  // namespace latchkey::platform
