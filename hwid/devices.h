#pragma once

// The smaller sources: display adapters, batteries, the TPM, and the situation a system runs in.

#include <vector>

#include "hwid/component.h"
#include "hwid/fingerprint.h"
#include "hwid/raw.h"

namespace latchkey::hwid {

/// PCI display functions as "pci:10de:1b80", the subsystem as an attribute; others by their name.
std::vector<Component> parse_displays(const std::vector<RawDisplay>& displays, Access listing);

/// "manufacturer/model" each; model-level, the serial number is not used.
std::vector<Component> parse_batteries(const std::vector<RawBattery>& batteries);

/// The endorsement key's public part as hexadecimal of `one_way`: the key is hundreds of bytes,
/// more than a value may have. The plain digest tells keys apart; where somebody may make a key up
/// to be taken for another, the caller's has to be cryptographic (this folder knows no
/// cryptography).
std::vector<Component> parse_tpm(const RawTpm& tpm, const DigestFunction& one_way = plain_digest);

/// vm_generation_id, os_edition ("debian 12", from ID, VERSION_ID and VARIANT_ID) and
/// os_machine_id.
std::vector<Component> parse_situation(const RawHardware& raw);

}  // namespace latchkey::hwid
