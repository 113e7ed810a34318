#include <windows.h>

#include "platform/hardware/firmware_table.h"
#include "platform/hardware/hardware_windows.h"

namespace latchkey::platform {

RawFirmware read_firmware() {
    constexpr DWORD kSmbios = 'R' << 24 | 'S' << 16 | 'M' << 8 | 'B';
    RawFirmware found;
    found.table.origin = "GetSystemFirmwareTable(RSMB)";
    hwid::RawBytes answer;
    DWORD size = ::GetSystemFirmwareTable(kSmbios, 0, nullptr, 0);
    // Asked again where it has grown in between: a table may be made when it is asked for.
    while (size > answer.size() && size <= hwid::kMaxSourceBytes) {
        answer.resize(size);
        size = ::GetSystemFirmwareTable(kSmbios, 0, answer.data(), size);
    }
    if (size == 0) {
        // "The provider does not exist" (a board without SMBIOS) is ERROR_INVALID_FUNCTION.
        found.table.access = access_of_error(::GetLastError());
        return found;
    }
    answer.resize(std::min<std::size_t>(size, answer.size()));
    auto table = firmware_table_of(answer);
    found.table.access = table ? hwid::Access::read : hwid::Access::failed;
    if (!table) return found;
    found.table.value = std::move(table->table);
    found.version = table->version;
    return found;
}

}  // namespace latchkey::platform
