#pragma once

// What every system's reader of the endorsement key shares. Internal to platform/.

#include <utility>

#include "base/time.h"
#include "hwid/raw.h"
#include "platform/tpm.h"

namespace latchkey::platform {

inline constexpr Duration kTpmPatience = minutes(2);  ///< a slow TPM looks long for two primes

/// The evidence without a key: what it calls that failure, and why.
hwid::RawTpm unread_tpm(TpmTrouble trouble);

/// Asks until there is an answer, and then never again: making the key takes some TPMs long.
TpmReader remembering(TpmReader read);

}  // namespace latchkey::platform
