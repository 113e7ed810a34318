#pragma once

// Two simpler ways to decide, to measure ours against. Both get the same cleaned values: no
// placeholder or dock is held against them.

#include "hwid/fingerprint.h"

namespace latchkey::identity {

/// Every kind that our table weighs and both sides show is one vote: equal sets for, anything else
/// against. The same machine where more than half are for; without votes it is not.
bool majority_says_same(const hwid::Fingerprint& before, const hwid::Fingerprint& after);

/// After the published rule of Windows XP's product activation: twelve points, of which seven must
/// stay. The network card has three and the disk two (the drive and its volume), where one of them
/// stays; one each: main board and system (for the two drive controllers), display adapter,
/// processor, its signature (for the serial number of old), memory size, memory modules (for the
/// optical drive). As there, what neither side has is unchanged.
bool seven_points_say_same(const hwid::Fingerprint& before, const hwid::Fingerprint& after);

}  // namespace latchkey::identity
