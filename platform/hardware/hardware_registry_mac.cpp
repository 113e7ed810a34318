// Hardware as the I/O registry shows it.

#include "platform/hardware/hardware_mac.h"
#include "platform/hardware/io_registry_mac.h"

namespace latchkey::platform {
namespace {

template <class Device>
RawList<Device> list(std::vector<Device> (*understand)(const IoForest&),
                     std::initializer_list<const char*> classes) {
    const auto reading = read_io_registry(classes);
    return {reading.access, understand(reading.forest)};
}

}  // namespace

RawPlatform read_platform() {
    const auto reading = read_io_registry({"IOPlatformExpertDevice", "AppleSMBIOS"});
    RawPlatform out{platform_fields_of(reading.forest), io_smbios_of(reading.forest)};
    if (reading.access == hwid::Access::read) return out;
    for (auto& [name, field] : out.fields) {
        if (field.readable()) continue;
        field.access = reading.access;
        field.origin = reading.origin;
    }
    if (!out.smbios.table.readable()) out.smbios.table.access = reading.access;
    return out;
}

// Wi-Fi's newer drivers are of Skywalk, and no IONetworkInterface.
RawList<hwid::RawNic> read_nics() {
    return list(cards_of,
                {"IONetworkInterface", "IOSkywalkNetworkInterface", "IOSkywalkNetworkBSDClient"});
}

RawList<hwid::RawDisk> read_disks() { return list(disks_of, {"IOMedia"}); }

RawList<hwid::RawDisplay> read_displays() {
    return list(displays_of, {"IOPCIDevice", "IOAccelerator"});
}

std::vector<hwid::RawBattery> read_batteries() {
    return batteries_of(read_io_registry({"AppleSmartBattery"}).forest);
}

}  // namespace latchkey::platform
