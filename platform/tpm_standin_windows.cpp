#include "platform/tpm.h"
#include "platform/tpm_counter.h"

// Until a TPM is asked through TBS: whether there is one is not known.

namespace latchkey::platform {
namespace {

TpmTrouble not_asked() { return {TpmFailure::no_library, "this build asks no TPM"}; }

class NoProver final : public TpmProver {
public:
    TpmResult<TpmKeys> keys(const Label&) override { return tl::unexpected(not_asked()); }
    TpmResult<TpmProofParts> prove(const Label&, std::span<const std::uint8_t>,
                                   std::span<const std::uint8_t>,
                                   std::span<const std::uint8_t>) override {
        return tl::unexpected(not_asked());
    }
};

class NoCounter final : public TpmCounter {
public:
    TpmResult<std::uint32_t> read(const TpmCounterPlace&) override {
        return tl::unexpected(not_asked());
    }
    TpmResult<std::uint32_t> raise(const TpmCounterPlace&, std::uint32_t) override {
        return tl::unexpected(not_asked());
    }
};

}  // namespace

TpmReader tpm_reader() {
    return [] {
        hwid::RawTpm tpm;
        tpm.ek_public.access = hwid::Access::failed;
        tpm.ek_public.origin = not_asked().detail;
        return tpm;
    };
}

std::unique_ptr<TpmProver> tpm_prover() { return std::make_unique<NoProver>(); }

std::unique_ptr<TpmCounter> tpm_counter() { return std::make_unique<NoCounter>(); }

}  // namespace latchkey::platform
