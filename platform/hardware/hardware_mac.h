#pragma once

// The sources of hardware_mac.cpp. All of them block, none fails: each says by Access what it could
// read. Internal to the macOS files of platform/.

#include <map>
#include <string>
#include <vector>

#include "hwid/raw.h"
#include "platform/hardware/io_machine.h"

namespace latchkey::platform {

// From the I/O registry (hardware_registry_mac.cpp); io_machine.h understands it.

struct RawPlatform {
    std::map<std::string, hwid::RawText> fields;
    IoSmbios smbios;
};
RawPlatform read_platform();

template <class Device>
struct RawList {
    hwid::Access access = hwid::Access::read;
    std::vector<Device> devices;
};
RawList<hwid::RawNic> read_nics();
RawList<hwid::RawDisk> read_disks();
RawList<hwid::RawDisplay> read_displays();
std::vector<hwid::RawBattery> read_batteries();

// From the kernel (hardware_kernel_mac.cpp).

CpuWords read_cpu();
hwid::Source<std::uint64_t> read_memory();
/// "macos 14": not what comes after, an update makes no other edition.
hwid::RawText read_edition();

}  // namespace latchkey::platform
