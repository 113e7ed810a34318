#pragma once

// The TPM's own memory over a wire, as far as the counter needs it. Internal to platform/.

#include <array>
#include <cstdint>
#include <optional>

#include "platform/tpm/tpm_talk.h"

namespace latchkey::platform {

/// One place of eight bytes. Where a call gives nothing, the talk's trouble() is the reason.
class TpmTalkMemory {
public:
    enum class Kind : std::uint8_t { counter, written_once };
    struct Place {
        std::uint32_t index = 0;
        bool written = false;
    };

    TpmTalkMemory(TpmTalk& talk, const std::array<std::uint8_t, 32>& authorisation)
        : talk_(talk), authorisation_(authorisation.begin(), authorisation.end()) {}

    bool failed() const { return talk_.failed(); }
    /// None without a failure: nothing is there.
    std::optional<Place> find(std::uint32_t index, Kind kind);
    /// Needs the owner's authorisation, an empty one.
    std::optional<Place> define(std::uint32_t index, Kind kind);
    bool increment(Place& counter);
    /// And locks it until the owner takes it away.
    bool write_once(Place& place, std::uint64_t value);
    std::optional<std::uint64_t> read(const Place& place);

private:
    std::optional<TpmAnswer> ask(std::uint32_t code, const Place& place, Bytes parameters);

    TpmTalk& talk_;
    Bytes authorisation_;
};

}  // namespace latchkey::platform
