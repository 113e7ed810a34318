#include <winsock2.h>
// netioapi.h shows its table only behind the addresses' header.
#include <ws2ipdef.h>

#include <iphlpapi.h>
#include <netioapi.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>

#include "platform/hardware/device_ids.h"
#include "platform/hardware/devices_windows.h"
#include "platform/hardware/hardware_windows.h"
#include "platform/text_windows.h"

namespace latchkey::platform {
namespace {

using hwid::Access;

/// GUID_DEVCLASS_NET.
constexpr GUID kNetworkCards{
    0x4d36e972, 0xe325, 0x11ce, {0xbf, 0xc1, 0x08, 0x00, 0x2b, 0xe1, 0x03, 0x18}};

struct FreeTable {
    void operator()(MIB_IF_TABLE2* table) const { ::FreeMibTable(table); }
};
using Table = std::unique_ptr<MIB_IF_TABLE2, FreeTable>;

std::string upper_guid(const GUID& guid) {
    std::array<wchar_t, 40> text{};
    ::StringFromGUID2(guid, text.data(), static_cast<int>(text.size()));
    return narrow(text.data());
}

std::string upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return text;
}

hwid::RawText address_of(const UCHAR* bytes, ULONG length, const char* origin) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    hwid::RawText text;
    text.origin = origin;
    const auto size = std::min<ULONG>(length, IF_MAX_PHYS_ADDRESS_LENGTH);
    // All zero is a driver's way of saying that it does not know.
    if (std::all_of(bytes, bytes + size, [](UCHAR byte) { return byte == 0; })) return text;
    for (ULONG i = 0; i < size; ++i) {
        if (i > 0) text.value += ':';
        text.value += kDigits[bytes[i] >> 4];
        text.value += kDigits[bytes[i] & 15];
    }
    text.access = Access::read;
    return text;
}

/// Linux's numbers, which raw.h has. A mobile modem and its like have no address of their own.
int hardware_type(IFTYPE type) {
    constexpr int kEthernet = 1;
    constexpr int kInfiniband = 32;
    constexpr int kNone = 0xfffe;
    constexpr IFTYPE kInfinibandHere = 199;
    switch (type) {
        case IF_TYPE_ETHERNET_CSMACD:
        case IF_TYPE_IEEE80211:
            return kEthernet;
        case kInfinibandHere:
            return kInfiniband;
        default:
            return kNone;
    }
}

void fill(const MIB_IF_ROW2& row, hwid::RawNic& nic) {
    nic.name = narrow(row.Alias);
    nic.hardware_type = hardware_type(row.Type);
    nic.permanent_address = address_of(row.PermanentPhysicalAddress, row.PhysicalAddressLength,
                                       "MIB_IF_ROW2::PermanentPhysicalAddress");
    nic.address =
        address_of(row.PhysicalAddress, row.PhysicalAddressLength, "MIB_IF_ROW2::PhysicalAddress");
}

hwid::RawNic describe(const DeviceList& devices, const SP_DEVINFO_DATA& device) {
    hwid::RawNic nic;
    nic.name = devices.text(device, SPDRP_DEVICEDESC);
    auto place = card_place_of(ancestry(device.DevInst));
    nic.is_virtual = place.is_virtual;
    nic.bus = std::move(place.bus);
    nic.device = std::move(place.device);
    nic.driver = devices.text(device, SPDRP_SERVICE);
    nic.removable = nic.bus == "pci" && is_at_open_port(device.DevInst);
    return nic;
}

}  // namespace

RawNics read_nics() {
    RawNics found;
    MIB_IF_TABLE2* raw_table = nullptr;
    const DWORD error = ::GetIfTable2(&raw_table);
    const Table table(raw_table);
    const DeviceList devices(&kNetworkCards);
    found.access = error == NO_ERROR ? devices.access() : access_of_error(error);
    if (found.access != Access::read) return found;
    std::map<std::string, const MIB_IF_ROW2*> rows;
    for (ULONG i = 0; i < table->NumEntries; ++i) {
        const auto& row = table->Table[i];
        const auto& flags = row.InterfaceAndOperStatusFlags;
        if (flags.HardwareInterface && !flags.FilterInterface)
            rows.emplace(upper_guid(row.InterfaceGuid), &row);
    }
    for (const auto& device : devices.devices()) {
        auto nic = describe(devices, device);
        const auto row = rows.find(upper(devices.driver_value(device, L"NetCfgInstanceId")));
        if (row != rows.end()) {
            fill(*row->second, nic);
            rows.erase(row);
        }
        found.cards.push_back(std::move(nic));
    }
    // What the stack calls hardware and plug and play does not know has no device behind it.
    for (const auto& [guid, row] : rows) {
        auto& nic = found.cards.emplace_back();
        fill(*row, nic);
        nic.is_virtual = true;
    }
    return found;
}

}  // namespace latchkey::platform
