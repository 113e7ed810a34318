#pragma once

// What every system's reader of the endorsement key shares. Internal to platform/.

#include <cstdint>
#include <string>
#include <utility>

#include "base/time.h"
#include "hwid/raw.h"
#include "platform/tpm/tpm.h"

namespace latchkey::platform {

inline constexpr Duration kTpmPatience = minutes(2);  ///< a slow TPM looks long for two primes

/// The evidence without a key: what it calls that failure, why, and what to do about it.
hwid::RawTpm unread_tpm(TpmTrouble trouble, std::string remedy = {});

/// Bits 16 to 23 of a code: who speaks, where it is not the TPM (TSS 2.0 Overview and Common
/// Structures, 3.3). Those below the TPM are its driver and our side of it.
TpmTrouble trouble_of_layer(std::uint32_t code);
/// Did the TPM itself say that code?
bool is_tpms_own(std::uint32_t code);

/// Asks until there is an answer, and then never again: making the key takes some TPMs long.
TpmReader remembering(TpmReader read);

}  // namespace latchkey::platform
