#pragma once

// One canonical spelling a value, so that two ways to write one serial give one digest, and a
// judgement of what the value is worth.

#include <string>

#include "hwid/component.h"
#include "hwid/fingerprint.h"

namespace latchkey::hwid {

struct Canonical {
    std::string value;  ///< empty where the quality carries no digest
    Quality quality = Quality::absent;
};

/// By kind: a UUID as 32 lower-case digits in the smaller of its two byte orders; an address as
/// "aa:bb:cc:dd:ee:ff"; a serial number in upper case; a disk as its serial or, where that names
/// nothing, its WWN or EUI; memory sizes rounded up to a sixteenth of their magnitude, so that what
/// firmware reserves is no change; everything else in lower case with single spaces.
Canonical canonicalise(const Component& component);

/// True for kinds whose values are unique to a unit: their digests have 128 bits, the others' 64.
bool is_unit_level(Kind kind);

}  // namespace latchkey::hwid
