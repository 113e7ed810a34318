#include <algorithm>
#include <array>

#include "platform/hardware/hardware_linux.h"
#include "platform/hardware/sysfs_linux.h"

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
    if (is_at_open_port(dir, "device/device/removable")) disk.removable = true;
}

void read_scsi(const SysDirectory& dir, hwid::RawDisk& disk) {
    disk.model = dir.attribute("device/model");
    disk.wwn = dir.attribute("device/wwid");
    disk.serial = dir.attribute("device/vpd_pg80");
    disk.serial.value = serial_of_vpd_page(disk.serial.value);
    // The kernel keeps the page for whatever answers it when it is found. A reader without a medium
    // and a disc drive have no serial number that counts, and are left in peace.
    const bool counts = disk.size_bytes != 0u && !disk.removable;
    if (disk.serial.value.empty() && counts) disk.serial = ask_disk_for_serial("/dev/" + disk.name);
}

void read_other(const SysDirectory& dir, hwid::RawDisk& disk) {
    disk.serial = dir.attribute("serial");                                      // virtio
    if (!disk.serial.readable()) disk.serial = dir.attribute("device/serial");  // mmc
    disk.model = dir.attribute("device/model");
    if (!disk.model.readable()) disk.model = dir.attribute("device/name");  // mmc
    disk.wwn = dir.attribute("wwid");
    // A memory card can be taken out; soldered memory calls itself "MMC".
    if (disk.bus == "mmc" && dir.word("device/type") == "SD") disk.removable = true;
}

}  // namespace

std::vector<hwid::RawDisk> list_disks(hwid::Access& access) {
    std::vector<ListedEntry> entries;
    access = list_directory("/sys/block", entries);
    std::vector<hwid::RawDisk> disks(entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i) {
        disks[i].name = std::move(entries[i].name);
        disks[i].is_virtual = is_virtual_disk_name(disks[i].name);
    }
    return disks;
}

bool is_virtual_disk_name(std::string_view name) {
    constexpr std::array<std::string_view, 5> kMadeOfNothing = {"loop", "ram", "zram", "dm-", "md"};
    // Areas of a soldered memory beside its main one, which speaks for all of them.
    const bool second_face = name.starts_with("mmcblk") &&
                             (name.find("boot") != name.npos || name.find("rpmb") != name.npos);
    return second_face ||
           std::any_of(kMadeOfNothing.begin(), kMadeOfNothing.end(),
                       [&](std::string_view prefix) { return name.starts_with(prefix); });
}

std::string bus_of_disk(std::string_view name, std::string_view target) {
    // The innermost bridge decides what a unit is: an NVMe drive in a USB case is a USB disk.
    if (holds_numbered(target, "/usb")) return "usb";
    if (name.starts_with("nvme"))
        return target.find("/nvme-fabrics/") != target.npos ? "nvme-of" : "nvme";
    if (name.starts_with("mmcblk")) return "mmc";
    if (holds_numbered(target, "/virtio") || name.starts_with("vd")) return "virtio";
    if (name.starts_with("xvd")) return "xen";
    if (target.find("/VMBUS:") != target.npos || target.find("/vmbus_") != target.npos)
        return "vmbus";
    if (holds_numbered(target, "/session")) return "iscsi";
    if (target.find("/rport-") != target.npos) return "fc";
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
    if (const auto sectors = dir.number("size"); sectors && *sectors < UINT64_MAX / kSectorBytes)
        disk.size_bytes = *sectors * kSectorBytes;
    disk.removable = dir.number("removable") == 1u;
    if (name.starts_with("nvme"))
        read_nvme(dir, disk);
    else if (name.starts_with("sd") || name.starts_with("sr"))
        read_scsi(dir, disk);
    else
        read_other(dir, disk);
    return disk;
}

}  // namespace latchkey::platform
