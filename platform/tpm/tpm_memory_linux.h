#pragma once

// The TPM's own memory, as far as the counter needs it. Internal to the Linux files of platform/.

#include <array>
#include <cstdint>
#include <optional>

#include "platform/tpm/tpm_session_linux.h"

namespace latchkey::platform {

/// One place of eight bytes. Where a call gives nothing, session.code() is the reason.
class TpmMemory {
public:
    enum class Kind : std::uint8_t { counter, written_once };

    TpmMemory(TpmSession& session, const std::array<std::uint8_t, 32>& authorisation)
        : session_(session), authorisation_(authorisation) {}

    bool failed() const { return session_.failed(); }
    struct Place {
        ESYS_TR handle = ESYS_TR_NONE;
        bool written = false;
    };
    /// None with a code of success: nothing is there.
    std::optional<Place> find(TPM2_HANDLE index, Kind kind);
    /// Needs the owner's authorisation, an empty one.
    std::optional<Place> define(TPM2_HANDLE index, Kind kind);
    bool increment(Place& counter);
    /// And locks it until the owner takes it away.
    bool write_once(Place& place, std::uint64_t value);
    std::optional<std::uint64_t> read(const Place& place);

private:
    bool open(ESYS_TR handle);

    TpmSession& session_;
    std::array<std::uint8_t, 32> authorisation_;
};

}  // namespace latchkey::platform
