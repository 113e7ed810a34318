#pragma once

// The sources of hardware_windows.cpp, one file each. All of them block, none fails: each says by
// Access what it could read. Internal to the Windows files of platform/.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hwid/raw.h"

namespace latchkey::platform {

/// What one of GetLastError()'s numbers says of a source.
hwid::Access access_of_error(std::uint32_t error);

struct RawFirmware {
    hwid::Source<hwid::RawBytes> table;
    std::optional<hwid::SmbiosVersion> version;
};
RawFirmware read_firmware();

/// "PhysicalDrive0" and so on, in the order of their numbers.
std::vector<hwid::RawDisk> list_disks(hwid::Access& access);
/// Opened without any right to its contents, which everybody may.
hwid::RawDisk read_disk(const std::string& name);

/// Cards by plug and play, so that one that is switched off is there; their addresses from the
/// network stack, which knows those alone that are on.
struct RawNics {
    hwid::Access access = hwid::Access::read;
    std::vector<hwid::RawNic> cards;
};
RawNics read_nics();

struct RawDisplays {
    hwid::Access access = hwid::Access::read;
    std::vector<hwid::RawDisplay> adapters;
};
RawDisplays read_displays();

hwid::RawCpu read_cpu();
hwid::Source<std::uint64_t> read_memory();

/// What can be said of a TPM without asking it.
hwid::RawTpm tpm_without_reader();

/// What a hypervisor that knows of snapshots and clones changes with each of them.
hwid::RawText read_vm_generation_id();

struct RawSystem {
    hwid::RawText edition;
    hwid::RawText machine_id;
    hwid::RawText container;
};
RawSystem read_system();

}  // namespace latchkey::platform
