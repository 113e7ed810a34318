#pragma once

// The smaller sources: display adapters, batteries, the TPM, and the situation a system runs in.

#include <vector>

#include "hwid/component.h"
#include "hwid/raw.h"

namespace latchkey::hwid {

/// PCI display functions as "pci:10de:1b80", the subsystem as an attribute.
std::vector<Component> parse_displays(const std::vector<RawDisplay>& displays, Access listing);

/// "manufacturer/model" each; model-level, the serial number is not used.
std::vector<Component> parse_batteries(const std::vector<RawBattery>& batteries);

/// The endorsement key's public part as hexadecimal of hwid's plain digest: the key is hundreds of
/// bytes, more than a value may have, and this folder knows no cryptography. It is a short name for
/// public bytes; the keyed digest comes on top of it in the fingerprint.
std::vector<Component> parse_tpm(const RawTpm& tpm);

/// vm_generation_id, os_edition ("debian 12", from ID, VERSION_ID and VARIANT_ID) and
/// os_machine_id.
std::vector<Component> parse_situation(const RawHardware& raw);

}  // namespace latchkey::hwid
