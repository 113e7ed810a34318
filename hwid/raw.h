#pragma once

// What platform/ must hand over: bytes and strings as the system gave them, nothing interpreted,
// nothing trimmed. hwid understands them (assemble.h). Everything here may be hostile: no length,
// encoding or consistency is promised, except that platform reads at most kMaxSourceBytes from any
// one source.

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace latchkey::hwid {

inline constexpr std::size_t kMaxSourceBytes = 1u << 20;

/// Why a source gave nothing. `absent`: this machine has no such thing. The others are
/// "unreadable": it may be there.
enum class Access : std::uint8_t { read, absent, denied, failed, timed_out };

template <class T>
struct Source {
    Access access = Access::absent;
    T value{};
    std::string origin;  ///< path or call, for messages: "/sys/firmware/dmi/tables/DMI"

    bool readable() const { return access == Access::read; }
};

using RawBytes = std::vector<std::uint8_t>;
using RawText = Source<std::string>;

struct SmbiosVersion {
    int major = 0;
    int minor = 0;
    int revision = 0;
    friend auto operator<=>(const SmbiosVersion&, const SmbiosVersion&) = default;
};

/// One block device. Sizes in bytes. Each text is raw and may be empty.
struct RawDisk {
    std::string name;  ///< "nvme0n1", "sda", "PhysicalDrive0"
    std::string
        bus;  ///< "nvme", "ata", "scsi", "sas", "usb", "virtio", "vmbus", "xen", "mmc", "raid";
              ///< reached over a network: "fc", "iscsi", "nvme-of"; "" where unknown
    RawText serial;
    RawText wwn;  ///< "naa.5002538e40a1b2c3", "0x5002…", "t10.…"
    RawText eui;  ///< NVMe EUI-64 or NGUID, as hex
    RawText model;
    std::optional<std::uint64_t> size_bytes;
    bool removable = false;
    bool is_virtual = false;  ///< loop, ram, zram, device mapper, md: no device behind it
};

/// One network interface.
struct RawNic {
    std::string name;  ///< "enp3s0"
    RawText
        permanent_address;  ///< ETHTOOL_GPERMADDR or the system's like; hex with or without colons
    RawText address;        ///< the address now in use
    std::optional<int>
        assign_type;  ///< Linux addr_assign_type: 0 permanent, 1 random, 2 stolen, 3 set
    std::optional<int> hardware_type;  ///< ARPHRD_*: 1 Ethernet, 32 InfiniBand
    std::string bus;  ///< "pci", "usb", "virtio", "platform", "vmbus", "xen", "" where none
    std::string driver;
    std::string device;       ///< "8086:15fa" vendor:device, where known
    bool removable = false;   ///< at a port that its user can reach: Thunderbolt, ExpressCard
    bool is_virtual = false;  ///< no device behind it (bridge, bond, veth, tun)
};

/// One display adapter: a PCI function of class 0x03, as hex strings without 0x: vendor "10de",
/// device "1b80", subsystem "10de:119e".
struct RawDisplay {
    std::string slot;
    std::string vendor;
    std::string device;
    std::string subsystem;
    std::string boot_vga;
    bool removable = false;  ///< at a port that its user can reach
    std::string name{};      ///< what it calls itself, where it is no PCI function: "Apple M1"
};

struct RawBattery {
    std::string name;
    RawText serial;
    RawText manufacturer;
    RawText model;
};

/// A TPM 2.0's endorsement key: `ek_public` is the TPM2B_PUBLIC as read; the digest is hwid's work.
/// Not every program can ask a TPM; one that cannot says `failed` for a TPM that is there.
struct RawTpm {
    Source<RawBytes> ek_public;
    std::string remedy{};  ///< what to do about a TPM that could not be read, where that is known
};

struct RawCpu {
    RawText cpuinfo;  ///< /proc/cpuinfo, where a system has it
    // Where it has none:
    RawText name;                                  ///< what the processor calls itself
    std::optional<std::uint32_t> processor_count;  ///< those at work, hyper-threads too

    std::optional<std::uint32_t> signature;  ///< CPUID leaf 1, EAX
    bool hypervisor_bit = false;             ///< CPUID leaf 1, ECX bit 31
    std::string hypervisor_vendor;           ///< CPUID leaf 0x40000000, twelve bytes
};

/// Everything about one machine at one moment.
struct RawHardware {
    std::string os;                       ///< "linux"
    Source<RawBytes> smbios_entry_point;  ///< 31 or 24 bytes; may be absent where the table is not
    Source<RawBytes> smbios_table;        ///< the structure table
    std::optional<SmbiosVersion> smbios_version;  ///< where a system tells it without entry point
    std::map<std::string, RawText>
        dmi_fields;  ///< fallback: names as in /sys/class/dmi/id ("product_uuid")
    /// The same names, but spoken for before firmware's table: a Mac with Intel's processor has one
    /// UUID there and is known by another.
    std::map<std::string, RawText> platform_fields;
    std::vector<RawDisk> disks;
    Access disks_access = Access::read;  ///< the listing itself
    std::vector<RawNic> nics;
    Access nics_access = Access::read;
    std::vector<RawDisplay> displays;
    Access displays_access = Access::read;
    std::vector<RawBattery> batteries;
    RawCpu cpu;
    RawText meminfo;                     ///< /proc/meminfo, where a system has it
    Source<std::uint64_t> memory_bytes;  ///< where it has none
    RawTpm tpm;
    RawText hypervisor_type;  ///< /sys/hypervisor/type
    RawText vm_generation_id;
    RawText os_release;  ///< /etc/os-release, where a system has it
    RawText os_edition;  ///< where it has none: "windows 10.0 Professional"
    RawText os_machine_id;
    RawText cloud_name;         ///< "aws", "azure": cloud-init's name of the provider
    RawText cloud_instance_id;  ///< the provider's name of this instance, as cloud-init kept it
    RawText container;          ///< evidence of a container: "docker", "lxc", …; absent outside
};

}  // namespace latchkey::hwid
