#pragma once

// Raw hardware -> snapshot. Calls every parser of this folder and keeps one order: kinds in enum
// order, then slots.

#include "base/time.h"
#include "hwid/component.h"
#include "hwid/fingerprint.h"
#include "hwid/raw.h"

namespace latchkey::hwid {

/// Never fails: what is missing becomes an absent or unreadable component. At most kMaxComponents;
/// the least telling kinds are dropped first. `one_way`: of a TPM's key (devices.h).
Snapshot assemble(const RawHardware& raw, WallTime captured_at,
                  const DigestFunction& one_way = plain_digest);

}  // namespace latchkey::hwid
