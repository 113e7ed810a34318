#pragma once

// A TPM that says what it was told to, whatever it is asked: captured answers, and worse.

#include <memory>
#include <utility>
#include <vector>

#include "platform/tpm/tpm_over_wire.h"

namespace latchkey::fakes {

struct TpmScript {
    std::vector<Bytes> answers;  ///< after the last of them the wire fails
    std::vector<Bytes> commands{};

    /// It outlives what is opened.
    platform::TpmWireOpener opener();
};

class TpmScriptedWire final : public platform::TpmWire {
public:
    explicit TpmScriptedWire(TpmScript& script) : script_(script) {}

    platform::TpmResult<Bytes> transmit(std::span<const std::uint8_t> command) override {
        const std::size_t turn = script_.commands.size();
        script_.commands.emplace_back(command.begin(), command.end());
        if (turn < script_.answers.size()) return script_.answers[turn];
        return tl::unexpected(
            platform::TpmTrouble{platform::TpmFailure::timed_out, "the script has ended"});
    }

private:
    TpmScript& script_;
};

inline platform::TpmWireOpener TpmScript::opener() {
    return [this]() -> platform::TpmResult<std::unique_ptr<platform::TpmWire>> {
        return std::make_unique<TpmScriptedWire>(*this);
    };
}

}  // namespace latchkey::fakes
