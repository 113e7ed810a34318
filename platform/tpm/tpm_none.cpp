#include "platform/tpm/tpm.h"
#include "platform/tpm/tpm_counter.h"
#include "platform/tpm/tpm_reading.h"

// A Mac has no TPM. The Secure Enclave, which could prove a key of its own, asks for a program
// signed with a team's identity and entitlements; it is not used yet (docs/macos.md).

namespace latchkey::platform {
namespace {

TpmTrouble nothing_there() { return {TpmFailure::absent, "this system has no TPM"}; }

class NoProver final : public TpmProver {
public:
    TpmResult<TpmKeys> keys(const Label&) override { return tl::unexpected(nothing_there()); }
    TpmResult<TpmProofParts> prove(const Label&, std::span<const std::uint8_t>,
                                   std::span<const std::uint8_t>,
                                   std::span<const std::uint8_t>) override {
        return tl::unexpected(nothing_there());
    }
};

class NoCounter final : public TpmCounter {
public:
    TpmResult<std::uint32_t> read(const TpmCounterPlace&) override {
        return tl::unexpected(nothing_there());
    }
    TpmResult<std::uint32_t> raise(const TpmCounterPlace&, std::uint32_t) override {
        return tl::unexpected(nothing_there());
    }
};

}  // namespace

TpmReader tpm_reader() {
    return [] { return unread_tpm(nothing_there()); };
}

std::unique_ptr<TpmProver> tpm_prover() { return std::make_unique<NoProver>(); }

std::unique_ptr<TpmCounter> tpm_counter() { return std::make_unique<NoCounter>(); }

}  // namespace latchkey::platform
