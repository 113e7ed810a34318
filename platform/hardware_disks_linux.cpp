#include <algorithm>
#include <array>

#include "platform/hardware_linux.h"
#include "platform/sysfs_linux.h"

namespace latchkey::platform {
namespace {

constexpr std::uint64_t kSectorBytes = 512;  // the unit of sysfs' "size", whatever the disk's own
constexpr std::size_t kVpdHeaderBytes = 4;

bool holds_numbered(std::string_view path, std::string_view word) {
    for (auto at = path.find(word); at != std::string_view::npos; at = path.find(word, at + 1)) {
        const auto next = at + word.size();
        if (next < path.size() && path[next] >= '0' && path[next] <= '9') return true;
    }
    return false;
}

void read_nvme(const SysDirectory& dir, hwid::RawDisk& disk) {
    disk.serial = dir.attribute("device/serial");
    disk.model = dir.attribute("device/model");
    disk.wwn = dir.attribute("wwid");
    disk.eui = dir.attribute("nguid");
    if (!disk.eui.readable()) disk.eui = dir.attribute("eui");
}

void read_scsi(const SysDirectory& dir, hwid::RawDisk& disk) {
    disk.model = dir.attribute("device/model");
    disk.wwn = dir.attribute("device/wwid");
    disk.serial = dir.attribute("device/vpd_pg80");
    disk.serial.value = serial_of_vpd_page(disk.serial.value);
}

void read_other(const SysDirectory& dir, hwid::RawDisk& disk) {
    disk.serial = dir.attribute("serial");                                      // virtio
    if (!disk.serial.readable()) disk.serial = dir.attribute("device/serial");  // mmc
    disk.model = dir.attribute("device/model");
    if (!disk.model.readable()) disk.model = dir.attribute("device/name");  // mmc
    disk.wwn = dir.attribute("wwid");
}

}  // namespace

std::vector<std::string> list_disks(hwid::Access& access) {
    std::vector<ListedEntry> entries;
    access = list_directory("/sys/block", entries);
    std::vector<std::string> names;
    for (auto& entry : entries) names.push_back(std::move(entry.name));
    return names;
}

bool is_virtual_disk_name(std::string_view name) {
    constexpr std::array<std::string_view, 5> kMadeOfNothing = {"loop", "ram", "zram", "dm-", "md"};
    return std::any_of(kMadeOfNothing.begin(), kMadeOfNothing.end(),
                       [&](std::string_view prefix) { return name.starts_with(prefix); });
}

std::string bus_of_disk(std::string_view name, std::string_view target) {
    // The innermost bridge decides what a unit is: an NVMe drive in a USB case is a USB disk.
    if (holds_numbered(target, "/usb")) return "usb";
    if (name.starts_with("nvme")) return "nvme";
    if (name.starts_with("mmcblk")) return "mmc";
    if (holds_numbered(target, "/virtio") || name.starts_with("vd")) return "virtio";
    if (name.starts_with("xvd")) return "xen";
    if (holds_numbered(target, "/ata")) return "ata";
    if (target.find("/end_device-") != std::string_view::npos) return "sas";
    if (holds_numbered(target, "/host") || name.starts_with("sd")) return "scsi";
    return {};
}

std::string serial_of_vpd_page(std::string_view page) {
    if (page.size() < kVpdHeaderBytes || page[1] != '\x80') return {};
    const std::size_t length = static_cast<std::size_t>(static_cast<unsigned char>(page[2])) << 8 |
                               static_cast<unsigned char>(page[3]);
    return std::string(page.substr(kVpdHeaderBytes, length));
}

hwid::RawDisk read_disk(const std::string& name) {
    hwid::RawDisk disk;
    disk.name = name;
    const SysDirectory dir("/sys/block/" + name);
    // A namespace of a multipath NVMe drive lives under devices/virtual, but has a device all the
    // same; loop, zram and their like have none.
    disk.is_virtual = dir.access() == hwid::Access::read && !dir.has("device");
    if (disk.is_virtual) return disk;
    disk.bus = bus_of_disk(name, link_target("/sys/block/" + name));
    if (name.starts_with("nvme"))
        read_nvme(dir, disk);
    else if (name.starts_with("sd") || name.starts_with("sr"))
        read_scsi(dir, disk);
    else
        read_other(dir, disk);
    if (const auto sectors = dir.number("size"); sectors && *sectors < UINT64_MAX / kSectorBytes)
        disk.size_bytes = *sectors * kSectorBytes;
    disk.removable = dir.number("removable") == 1u;
    return disk;
}

}  // namespace latchkey::platform
