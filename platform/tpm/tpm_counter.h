#pragma once

// A number in the TPM's own memory that only grows and that outlives the disk (docs/tpm.md, The
// counter). Optional; the one thing that is ever stored in a TPM.

#include <array>
#include <cstdint>
#include <memory>

#include "platform/tpm/tpm.h"

namespace latchkey::platform {

/// Where a counter lies and what opens it. Both are derived, for nothing else is left after a wipe;
/// so they keep others off by accident alone.
struct TpmCounterPlace {
    std::uint32_t slot = 0;  ///< below kTpmCounterSlots
    std::array<std::uint8_t, 32> authorisation{};
};
inline constexpr std::uint32_t kTpmCounterSlots = 1U << 21;
/// Nobody counts further: each step wears the TPM's memory a little.
inline constexpr std::uint32_t kTpmCounterMost = 100;

/// Blocking; calls may come from any thread, one at a time.
class TpmCounter {
public:
    virtual ~TpmCounter() = default;

    /// 0 where there is none: also after a clear, and on another TPM. `refused` where something of
    /// somebody else's lies in that place.
    virtual TpmResult<std::uint32_t> read(const TpmCounterPlace& place) = 0;

    /// Counts up to `target` (at most kTpmCounterMost) where it is below, making the counter where
    /// there is none; what it says now. `hierarchy_locked` where the owner set a password.
    virtual TpmResult<std::uint32_t> raise(const TpmCounterPlace& place, std::uint32_t target) = 0;
};

/// In the system's TPM.
std::unique_ptr<TpmCounter> tpm_counter();

}  // namespace latchkey::platform
