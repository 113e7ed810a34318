#pragma once

// What macOS' I/O registry says of the machine, understood into hwid's raw evidence. Pure: runs in
// tests on every system. Sources of names and values: Apple's open IOKit families
// (IOPlatformExpert, IONetworkingFamily, IOStorageFamily's IOStorageProtocolCharacteristics.h,
// IOPCIFamily) and what people publish of `ioreg` on their Macs. docs/macos.md has the table.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hwid/raw.h"
#include "platform/hardware/hardware_cpuid.h"
#include "platform/hardware/io_registry.h"

namespace latchkey::platform {

/// Names as in RawHardware::platform_fields. Where no entry names the machine, UUID and serial
/// number are there, but `failed`: no Mac is without them.
std::map<std::string, hwid::RawText> platform_fields_of(const IoForest& forest);

/// The table that the firmware of Macs with Intel's processors has, and its entry point; absent on
/// others.
struct IoSmbios {
    hwid::Source<hwid::RawBytes> entry_point;
    hwid::Source<hwid::RawBytes> table;
};
IoSmbios io_smbios_of(const IoForest& forest);

/// Every network interface that has an address of its own in the registry, once. Those that no
/// device of the machine's stands behind are virtual: Thunderbolt's and Bluetooth's networks, the
/// ones for AirDrop and other Macs' company (awdl0, llw0, ap1, anpi0), programs' own.
std::vector<hwid::RawNic> cards_of(const IoForest& forest);

/// Every whole disk that a device stands behind, once: not its partitions, nor what a file system
/// makes of it.
std::vector<hwid::RawDisk> disks_of(const IoForest& forest);

/// PCI's display functions; and the graphics of Apple's own chips, which have a name alone.
std::vector<hwid::RawDisplay> displays_of(const IoForest& forest);

std::vector<hwid::RawBattery> batteries_of(const IoForest& forest);

/// What kernel (sysctl) and processor (CPUID) say of themselves.
struct CpuWords {
    hwid::RawText brand;                 ///< machdep.cpu.brand_string
    std::string model;                   ///< hw.model
    std::optional<std::uint32_t> count;  ///< hw.ncpu
    std::optional<bool> is_guest;        ///< kern.hv_vmm_present
    bool is_translated = false;          ///< sysctl.proc_translated: this program runs in Rosetta
    Cpuid processor;
    std::string hypervisor_vendor;
};

/// Fills `cpu` and `hypervisor_type`. In Rosetta the processor is made up, and nothing of it counts
/// but what the kernel says.
void understand_cpu(const CpuWords& words, hwid::RawHardware& out);

}  // namespace latchkey::platform
