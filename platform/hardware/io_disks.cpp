// Disks of macOS' I/O registry.

#include <algorithm>
#include <array>

#include "platform/hardware/io_machine.h"

namespace latchkey::platform {
namespace {

using hwid::Access;

struct Interconnect {
    std::string_view name;
    std::string_view bus;
};

/// IOStorageProtocolCharacteristics.h ("Physical Interconnect"), in the words of raw.h. FireWire
/// hangs at a cable, as USB does.
constexpr auto kInterconnects = std::to_array<Interconnect>({
    {"ATA", "ata"},
    {"ATAPI", "ata"},
    {"Apple Fabric", "nvme"},
    {"Fibre Channel Interface", "fc"},
    {"FireWire", "usb"},
    {"PCI", "nvme"},
    {"PCI-Express", "nvme"},
    {"SAS", "sas"},
    {"SATA", "ata"},
    {"SCSI Parallel Interface", "scsi"},
    {"Secure Digital", "mmc"},
    {"USB", "usb"},
    {"iSCSI", "iscsi"},
});

std::string_view bus_of(std::string_view interconnect) {
    const auto row =
        std::find_if(kInterconnects.begin(), kInterconnects.end(),
                     [&](const Interconnect& known) { return known.name == interconnect; });
    return row == kInterconnects.end() ? std::string_view() : row->bus;
}

bool is_media(const IoEntry& entry) { return entry.property("Whole") != nullptr; }

bool is_device(const IoEntry& entry) {
    return entry.property("Device Characteristics") != nullptr ||
           entry.property("Protocol Characteristics") != nullptr;
}

/// Where in the path the device is that this whole disk is; npos for a partition's or file
/// system's.
constexpr std::size_t kNone = static_cast<std::size_t>(-1);
std::size_t device_of(IoPath path) {
    for (std::size_t i = path.size() - 1; i-- > 0;) {
        if (is_media(*path[i])) return kNone;
        if (is_device(*path[i])) return i;
    }
    return kNone;
}

/// From the device's own words; NVMe's controller says the same of its disk.
std::string characteristic(IoPath path, std::size_t device, const char* dictionary,
                           const char* name, const char* controllers_name) {
    const IoValue* const words = path[device]->property(dictionary);
    std::string text = words == nullptr ? std::string() : text_of(member(*words, name));
    for (std::size_t i = device + 1; text.empty() && i-- > 0;) {
        const bool is_controller = path[i]->class_name.find("NVMe") != std::string::npos;
        if (is_controller) text = text_of(path[i]->property(controllers_name));
    }
    return text;
}

bool any_class(IoPath path, std::string_view prefix) {
    return std::any_of(path.begin(), path.end(), [prefix](const IoEntry* entry) {
        return entry->class_name.starts_with(prefix);
    });
}

hwid::RawText raw_text(std::string value, const IoEntry& from) {
    // Blanks alone are a drive's way of saying that it has none.
    const bool blank = value.find_first_not_of(' ') == std::string::npos;
    return {blank ? Access::absent : Access::read, std::move(value), from.class_name};
}

hwid::RawDisk describe(IoPath path, std::size_t device) {
    const IoEntry& media = *path.back();
    const IoEntry& from = *path[device];
    hwid::RawDisk disk;
    disk.name = text_of(media.property("BSD Name"));
    disk.serial = raw_text(
        characteristic(path, device, "Device Characteristics", "Serial Number", "Serial Number"),
        from);
    disk.model = raw_text(
        characteristic(path, device, "Device Characteristics", "Product Name", "Model Number"),
        from);
    disk.size_bytes = number_of(media.property("Size"));
    const std::string interconnect = characteristic(
        path, device, "Protocol Characteristics", "Physical Interconnect", "Physical Interconnect");
    const std::string location =
        characteristic(path, device, "Protocol Characteristics", "Physical Interconnect Location",
                       "Physical Interconnect Location");
    disk.bus = any_class(path, "AppleVirtIO") ? "virtio" : bus_of(interconnect);
    // Files and memory; what Thunderbolt brings may call itself internal.
    disk.is_virtual = interconnect == "Virtual Interface";
    disk.removable = location == "External" || is_true(media.property("Removable")) ||
                     is_true(media.property("Ejectable")) || is_tunnelled(path);
    return disk;
}

}  // namespace

std::vector<hwid::RawDisk> disks_of(const IoForest& forest) {
    std::vector<hwid::RawDisk> out;
    walk(forest, [&](IoPath path) {
        const IoEntry& media = *path.back();
        if (!is_media(media) || !is_true(media.property("Whole"))) return;
        const std::size_t device = device_of(path);
        if (device != kNone) out.push_back(describe(path, device));
    });
    return out;
}

}  // namespace latchkey::platform
