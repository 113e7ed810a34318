#include "platform/hardware/firmware_table.h"

#include "platform/hardware/byte_view.h"

namespace latchkey::platform {
namespace {

// struct RawSMBIOSData: BYTE Used20CallingMethod, SMBIOSMajorVersion, SMBIOSMinorVersion,
// DmiRevision; DWORD Length; BYTE SMBIOSTableData[].
constexpr std::size_t kMajorAt = 1;
constexpr std::size_t kMinorAt = 2;
constexpr std::size_t kLengthAt = 4;
constexpr std::size_t kTableAt = 8;

}  // namespace

std::optional<FirmwareTable> firmware_table_of(std::span<const std::uint8_t> answer) {
    const ByteView view(answer);
    const auto length = view.dword(kLengthAt);
    if (!length || *length > hwid::kMaxSourceBytes) return std::nullopt;
    const auto table = view.part(kTableAt, *length);
    if (table.empty()) return std::nullopt;
    // DmiRevision is of the specification before SMBIOS 2.1 and not the third number of a version.
    return FirmwareTable{{*view.byte(kMajorAt), *view.byte(kMinorAt), 0},
                         {table.begin(), table.end()}};
}

}  // namespace latchkey::platform
