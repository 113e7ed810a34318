#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "platform/tpm_over_wire.h"
#include "platform/tpm_wire.h"

// What a TPM, or who stands in for it, answers: each conversation ends, and what it gives has the
// form that is promised.

namespace {

using namespace latchkey;
using namespace latchkey::platform;

/// Deals the input out as answers, each with a size that fits where the input wants it to.
class Dealer final : public TpmWire {
public:
    explicit Dealer(std::span<const std::uint8_t> input) : input_(input) {}

    TpmResult<Bytes> transmit(std::span<const std::uint8_t> command) override {
        if (command.size() < 10 || input_.empty())
            return tl::unexpected(TpmTrouble{TpmFailure::timed_out, "nothing is left"});
        const auto said = input_.first(1)[0];
        const std::size_t size = std::min<std::size_t>(input_.size() - 1, std::size_t{said} * 4);
        Bytes answer(input_.begin() + 1, input_.begin() + 1 + static_cast<std::ptrdiff_t>(size));
        input_ = input_.subspan(1 + size);
        if (said % 4 != 0 && size >= 10) {
            answer[2] = answer[3] = answer[6] = answer[7] = answer[8] = answer[9] = 0;
            answer[4] = static_cast<std::uint8_t>(size >> 8);
            answer[5] = static_cast<std::uint8_t>(size);
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
        for (const std::size_t sessions : {0, 1, 2}) {
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
