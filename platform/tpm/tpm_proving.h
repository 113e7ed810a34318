#pragma once

// What is asked of a TPM, and in which order, whatever carries the questions. A `Session` is one
// conversation that flushes what it loaded: TpmSession (tpm_session_linux.h), TpmTalk (tpm_talk.h).
// Where one of its calls gives nothing, the session knows why. Internal to platform/.

#include <optional>
#include <utility>

#include "platform/tpm/tpm.h"

namespace latchkey::platform {

/// Read where it is kept, made where it is not.
template <class Session>
std::optional<typename Session::Key> endorsement_key(Session& tpm) {
    auto kept = tpm.kept_endorsement_key();
    if (kept || tpm.failed()) return kept;
    return tpm.create_endorsement_key();
}

/// A prover's part between its locks. Keeps what makes its next answer quicker.
template <class Session>
class TpmProving {
public:
    std::optional<TpmKeys> keys(Session& tpm, const TpmProver::Label& label) {
        const auto endorsement = endorsement_key_or_saved(tpm);
        if (!endorsement) return std::nullopt;
        const auto attestation = tpm.create_attestation_key(label);
        if (!attestation) return std::nullopt;
        return TpmKeys{endorsement->public_bytes, attestation->public_bytes};
    }

    std::optional<TpmProofParts> prove(Session& tpm, const TpmProver::Label& label,
                                       std::span<const std::uint8_t> credential_blob,
                                       std::span<const std::uint8_t> encrypted_secret,
                                       std::span<const std::uint8_t> qualifying) {
        const auto endorsement = endorsement_key_or_saved(tpm);
        if (!endorsement) return std::nullopt;
        const auto attestation = tpm.create_attestation_key(label);
        if (!attestation) return std::nullopt;
        auto secret = tpm.activate(attestation->handle, endorsement->handle, credential_blob,
                                   encrypted_secret);
        if (!secret) return std::nullopt;
        auto quoted = tpm.quote(attestation->handle, qualifying);
        if (!quoted) return std::nullopt;
        return TpmProofParts{std::move(*secret), std::move(quoted->statement),
                             std::move(quoted->signature)};
    }

private:
    using Key = typename Session::Key;

    /// Making it takes some TPMs many seconds, so the one that was made for a challenge is kept, in
    /// a form only this TPM reads and only until it is reset, for the answer.
    std::optional<Key> endorsement_key_or_saved(Session& tpm) {
        if (auto kept = tpm.kept_endorsement_key()) return kept;
        if (tpm.failed()) return std::nullopt;
        if (saved_) {
            if (const auto handle = tpm.load(saved_->first)) return Key{*handle, saved_->second};
            saved_.reset();
        }
        auto made = tpm.create_endorsement_key();
        if (!made) return std::nullopt;
        if (const auto context = tpm.save(*made)) saved_ = {*context, made->public_bytes};
        return made;
    }

    std::optional<std::pair<typename Session::Saved, Bytes>> saved_;
};

}  // namespace latchkey::platform
