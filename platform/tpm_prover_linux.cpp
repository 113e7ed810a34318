#include <mutex>
#include <optional>
#include <utility>

#include "platform/tpm_linux.h"
#include "platform/tpm_session_linux.h"

namespace latchkey::platform {
namespace {

class FileProver final : public TpmProver {
public:
    FileProver(TpmOpener open, Duration patience) : open_(std::move(open)), patience_(patience) {}

    TpmResult<TpmKeys> keys(const Label& label) override {
        const std::lock_guard lock(mutex_);
        return ask_tpm(open_, patience_, [&](TpmSession& tpm) -> std::optional<TpmKeys> {
            const auto endorsement = endorsement_key(tpm);
            if (!endorsement) return std::nullopt;
            const auto attestation = tpm.create_primary(attestation_template(label));
            if (!attestation) return std::nullopt;
            return TpmKeys{endorsement->public_bytes, attestation->public_bytes};
        });
    }

    TpmResult<TpmProofParts> prove(const Label& label,
                                   std::span<const std::uint8_t> credential_blob,
                                   std::span<const std::uint8_t> encrypted_secret,
                                   std::span<const std::uint8_t> qualifying) override {
        const std::lock_guard lock(mutex_);
        return ask_tpm(open_, patience_, [&](TpmSession& tpm) -> std::optional<TpmProofParts> {
            const auto endorsement = endorsement_key(tpm);
            if (!endorsement) return std::nullopt;
            const auto attestation = tpm.create_primary(attestation_template(label));
            if (!attestation) return std::nullopt;
            auto secret = tpm.activate(attestation->handle, endorsement->handle, credential_blob,
                                       encrypted_secret);
            if (!secret) return std::nullopt;
            auto quoted = tpm.quote(attestation->handle, qualifying);
            if (!quoted) return std::nullopt;
            return TpmProofParts{std::move(*secret), std::move(quoted->statement),
                                 std::move(quoted->signature)};
        });
    }

private:
    /// Making it takes some TPMs many seconds, so the one that was made for a challenge is kept, in
    /// a form only this TPM reads and only until it is reset, for the answer.
    std::optional<TpmSession::Key> endorsement_key(TpmSession& tpm) {
        if (auto kept = tpm.kept_endorsement_key()) return kept;
        if (tpm.code() != TSS2_RC_SUCCESS) return std::nullopt;
        if (saved_) {
            if (const auto handle = tpm.load(saved_->first))
                return TpmSession::Key{*handle, saved_->second};
            saved_.reset();
        }
        auto made = tpm.create_primary(endorsement_template());
        if (!made) return std::nullopt;
        if (const auto context = tpm.save(*made)) saved_ = {*context, made->public_bytes};
        return made;
    }

    TpmOpener open_;
    Duration patience_;
    std::mutex mutex_;
    std::optional<std::pair<TPMS_CONTEXT, Bytes>> saved_;
};

}  // namespace

std::unique_ptr<TpmProver> tpm_prover_of(TpmOpener open, Duration patience) {
    return std::make_unique<FileProver>(std::move(open), patience);
}

}  // namespace latchkey::platform
