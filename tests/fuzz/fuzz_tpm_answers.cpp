#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "platform/tpm/tpm_over_wire.h"
#include "platform/tpm/tpm_wire.h"

// What a TPM, or who stands in for it, answers: each conversation ends, and what it gives has the
// form that is promised.

namespace {

using namespace latchkey;
using namespace latchkey::platform;

/// Deals the input out as answers, each a success of the right size where the input wants it so.
class Dealer final : public TpmWire {
public:
    explicit Dealer(std::span<const std::uint8_t> input) : input_(input) {}

    TpmResult<Bytes> transmit(std::span<const std::uint8_t> command) override {
        TpmFields in(input_);
        const auto said = in.u16();
        if (command.size() < 10 || !in.ok())
            return tl::unexpected(TpmTrouble{TpmFailure::timed_out, "nothing is left"});
        const std::size_t size = std::min<std::size_t>(input_.size() - 2, said & 0x7fffU);
        const auto dealt = in.raw(size);
        input_ = input_.subspan(2 + size);
        Bytes answer(dealt.begin(), dealt.end());
        if ((said & 0x8000U) != 0 && size >= 10) {
            const Bytes header = TpmWriter().u32(static_cast<std::uint32_t>(size)).u32(0).bytes();
            std::copy(header.begin(), header.end(), answer.begin() + 2);
        }
        return answer;
    }

private:
    std::span<const std::uint8_t> input_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::span<const std::uint8_t> input(data, size);
    for (const bool handle : {false, true})
        for (const std::size_t sessions : {0U, 1U, 2U}) {
            TpmCommand command{.code = 1, .answers_with_handle = handle};
            command.authorisations.resize(sessions);
            const auto answer = parse_tpm_answer(command, input);
            if (answer && answer->parameters.size() + 10 > size) std::abort();
        }
    const auto open = [&]() -> TpmResult<std::unique_ptr<TpmWire>> {
        return std::make_unique<Dealer>(input);
    };
    const auto prover = tpm_prover_over(open);
    if (const auto keys = prover->keys({}); keys && keys->ek_public.size() != 316) std::abort();
    if (const auto proof = prover->prove({}, {}, {}, {}); proof && proof->signature.size() != 64)
        std::abort();
    if (const auto count = tpm_counter_over(open)->raise({}, 3); count && *count > kTpmCounterMost)
        std::abort();
    return 0;
}
