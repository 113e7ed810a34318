#pragma once

// What Windows puts around an SMBIOS table (GetSystemFirmwareTable's 'RSMB'). Pure: runs in tests
// on every system.

#include <optional>
#include <span>

#include "hwid/raw.h"

namespace latchkey::platform {

struct FirmwareTable {
    hwid::SmbiosVersion version;
    hwid::RawBytes table;
};

/// Of a RawSMBIOSData. A table that is longer by its header than by its bytes is taken as far as
/// it goes, hwid reads those as well; nullopt where no table begins.
std::optional<FirmwareTable> firmware_table_of(std::span<const std::uint8_t> answer);

}  // namespace latchkey::platform
