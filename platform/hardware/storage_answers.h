#pragma once

// What Windows' storage drivers answer to IOCTL_STORAGE_QUERY_PROPERTY, understood. Pure: runs in
// tests on every system. The bytes come from drivers of many makers; nothing about their offsets
// and lengths is promised.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "hwid/raw.h"

namespace latchkey::platform {

/// A STORAGE_DEVICE_DESCRIPTOR.
struct StorageDevice {
    std::string bus;  ///< as hwid::RawDisk
    std::string model;
    std::string serial;
    bool removable = false;
    bool is_virtual = false;  ///< made of a file or of other disks
};
/// nullopt where the answer ends before the bus type.
std::optional<StorageDevice> storage_device_of(std::span<const std::uint8_t> answer);

/// The names of the device itself in a STORAGE_DEVICE_ID_DESCRIPTOR (SCSI's page 0x83), in raw.h's
/// spelling; empty where there are none. Those of ports and targets are left out.
struct StorageIds {
    std::string wwn;
    std::string eui;
};
StorageIds storage_ids_of(std::span<const std::uint8_t> answer);

/// NVMe's Identify Controller in a STORAGE_PROTOCOL_DATA_DESCRIPTOR; nullopt where it does not
/// reach to the model.
struct NvmeController {
    std::string serial;
    std::string model;
};
std::optional<NvmeController> nvme_controller_of(std::span<const std::uint8_t> answer);

/// Windows' own NVMe driver gives the namespace's EUI-64 or NGUID as a serial number, written
/// "0025_3852_1140_A3B7."; its digits, or empty for any other serial number.
std::string eui_in_serial(std::string_view serial);

}  // namespace latchkey::platform
