#pragma once

// The sources of hardware_linux.cpp, one file each. All of them block, none fails: each says by
// Access what it could read. Internal to the Linux files of platform/.

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "hwid/raw.h"
#include "platform/hardware/hardware_cpuid.h"

namespace latchkey::platform {

struct RawFirmware {
    hwid::Source<hwid::RawBytes> entry_point;
    hwid::Source<hwid::RawBytes> table;
    std::map<std::string, hwid::RawText> fields;
};

/// SMBIOS: the raw table, and /sys/class/dmi/id where that is not readable (root's alone). A board
/// without SMBIOS may name itself in its device tree; that fills the same fields.
RawFirmware read_firmware();

/// Names, and which are virtual as far as a list can tell; read_disk says the rest.
std::vector<hwid::RawDisk> list_disks(hwid::Access& access);
/// True for devices whose driver makes disks out of nothing; no need to look at them.
bool is_virtual_disk_name(std::string_view name);
hwid::RawDisk read_disk(const std::string& name);
/// "nvme", "ata", "usb", …: `target` is where /sys/block/NAME points.
std::string bus_of_disk(std::string_view name, std::string_view target);
/// The serial number of SCSI's page 0x80: what follows its four header bytes.
std::string serial_of_vpd_page(std::string_view page);
/// What the disk itself says, for kernels and drivers that keep it out of /sys: ATA's identity,
/// then SCSI's page 0x80. Opens the device; it does not spin up for this.
hwid::RawText ask_disk_for_serial(const std::string& device);
/// The serial number in ATA's 512 bytes of identity, in the order the kernel hands them out.
std::string serial_of_ata_identity(std::string_view identity);

std::vector<hwid::RawNic> list_nics(hwid::Access& access);
hwid::RawNic read_nic(const std::string& name);

/// /proc/cpuinfo, and the processor's own word on a hypervisor.
hwid::RawCpu read_cpu();

/// The kernel makes /proc/cpuinfo anew for every reader, processor by processor: it is read again
/// only when the list of processors at work has changed.
class CpuSource {
public:
    hwid::RawCpu read();

private:
    std::mutex mutex_;
    std::string online_;
    hwid::RawCpu last_;
};

/// CPUID leaf 1's EAX, put together again from cpuinfo's family, model and stepping.
std::optional<std::uint32_t> signature_of_cpuinfo(std::string_view cpuinfo);
/// nullopt where cpuinfo lists no flags (not x86).
std::optional<bool> hypervisor_flag_of_cpuinfo(std::string_view cpuinfo);

/// Remembers each PCI function's class, so that a warm reading opens display adapters alone. The
/// inode of its entry tells a device that was put in the slot later from the one before.
class DisplayList {
public:
    std::pair<hwid::Access, std::vector<hwid::RawDisplay>> read();

private:
    std::mutex mutex_;
    std::map<std::pair<std::string, std::uint64_t>, bool> is_display_;
};

/// cloud-init's notes of the cloud and the instance, believed only in files that nobody but root
/// can write.
struct RawCloud {
    hwid::RawText name;
    hwid::RawText instance_id;
};
RawCloud read_cloud();

std::vector<hwid::RawBattery> read_batteries();
/// What can be said of a TPM without asking it.
hwid::RawTpm tpm_without_reader();
/// Evidence of a container around this process. It cannot change while the process lives.
hwid::RawText read_container();

}  // namespace latchkey::platform
