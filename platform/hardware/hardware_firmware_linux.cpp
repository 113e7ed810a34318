#include <array>
#include <cstdint>
#include <span>

#include "platform/hardware/hardware_linux.h"
#include "platform/hardware/service_credential_linux.h"
#include "platform/hardware/sysfs_linux.h"

namespace latchkey::platform {
namespace {

constexpr std::array kDmiFields = {
    "bios_vendor",     "bios_version",   "bios_date",       "sys_vendor",     "product_name",
    "product_version", "product_serial", "product_uuid",    "product_sku",    "product_family",
    "board_vendor",    "board_name",     "board_version",   "board_serial",   "board_asset_tag",
    "chassis_vendor",  "chassis_type",   "chassis_version", "chassis_serial", "chassis_asset_tag",
};

/// A table of the kernel's ends with the end-of-table structure (type 127, 4 bytes, no strings).
/// One that does not may be cut or garbage: then what the kernel itself understood is asked as
/// well, and fills in what the table does not tell.
bool ends_with_its_marker(std::span<const std::uint8_t> table) {
    constexpr std::size_t kMarkerBytes = 6;
    if (table.size() <= kMarkerBytes) return false;
    const auto end = table.last(kMarkerBytes);
    return end[0] == 127 && end[1] == 4 && end[4] == 0 && end[5] == 0;
}

// Names in the unit (service-install/systemd_unit.cpp).
constexpr const char* kTableCredential = "smbios-table";
constexpr const char* kEntryCredential = "smbios-entry-point";

/// The kernel shows it to root alone; the service manager may have read it for us.
hwid::Source<hwid::RawBytes> read_roots_file(const char* path, const char* credential,
                                             std::size_t max_bytes) {
    auto file = read_binary_file(path, max_bytes);
    if (file.access != hwid::Access::denied) return file;
    auto given = read_service_credential(credential, max_bytes);
    return given.readable() ? given : file;
}

/// The device tree has a model and a serial number of the board, and no more.
void read_device_tree(RawFirmware& found) {
    const SysDirectory tree("/sys/firmware/devicetree/base");
    if (tree.access() != hwid::Access::read) return;
    found.fields.emplace("product_name", tree.attribute("model"));
    found.fields.emplace("product_serial", tree.attribute("serial-number"));
}

}  // namespace

RawFirmware read_firmware() {
    RawFirmware found;
    found.table =
        read_roots_file("/sys/firmware/dmi/tables/DMI", kTableCredential, hwid::kMaxSourceBytes);
    if (found.table.readable()) {
        found.entry_point = read_roots_file("/sys/firmware/dmi/tables/smbios_entry_point",
                                            kEntryCredential, kMaxAttributeBytes);
        if (ends_with_its_marker(found.table.value)) return found;
    }
    const SysDirectory fields("/sys/class/dmi/id");
    if (fields.access() != hwid::Access::read) {
        read_device_tree(found);
        return found;
    }
    for (const char* name : kDmiFields) found.fields.emplace(name, fields.attribute(name));
    return found;
}

}  // namespace latchkey::platform
