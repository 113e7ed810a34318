#include <mutex>
#include <utility>

#include "platform/tpm/tpm_linux.h"
#include "platform/tpm/tpm_proving.h"
#include "platform/tpm/tpm_session_linux.h"

namespace latchkey::platform {
namespace {

class FileProver final : public TpmProver {
public:
    FileProver(TpmOpener open, Duration patience) : open_(std::move(open)), patience_(patience) {}

    TpmResult<TpmKeys> keys(const Label& label) override {
        const std::lock_guard lock(mutex_);
        return ask_tpm(open_, patience_,
                       [&](TpmSession& tpm) { return proving_.keys(tpm, label); });
    }

    TpmResult<TpmProofParts> prove(const Label& label,
                                   std::span<const std::uint8_t> credential_blob,
                                   std::span<const std::uint8_t> encrypted_secret,
                                   std::span<const std::uint8_t> qualifying) override {
        const std::lock_guard lock(mutex_);
        return ask_tpm(open_, patience_, [&](TpmSession& tpm) {
            return proving_.prove(tpm, label, credential_blob, encrypted_secret, qualifying);
        });
    }

private:
    TpmOpener open_;
    Duration patience_;
    std::mutex mutex_;
    TpmProving<TpmSession> proving_;
};

}  // namespace

std::unique_ptr<TpmProver> tpm_prover_of(TpmOpener open, Duration patience) {
    return std::make_unique<FileProver>(std::move(open), patience);
}

}  // namespace latchkey::platform
