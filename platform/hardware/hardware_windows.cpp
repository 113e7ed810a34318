#include "platform/hardware/hardware_windows.h"

#include <windows.h>

#include <algorithm>

#include "platform/hardware/hardware.h"
#include "platform/hardware/hardware_jobs.h"
#include "platform/privileges.h"

namespace latchkey::platform {

hwid::Access access_of_error(std::uint32_t error) {
    constexpr std::uint32_t kNoSuchDevice = 433;  // ERROR_NO_SUCH_DEVICE, which mingw lacks
    switch (error) {
        case ERROR_SUCCESS:
            return hwid::Access::read;
        case ERROR_FILE_NOT_FOUND:
        case ERROR_PATH_NOT_FOUND:
        case ERROR_INVALID_FUNCTION:  // no driver does that here
        case ERROR_NOT_SUPPORTED:
        case ERROR_DEV_NOT_EXIST:
        case kNoSuchDevice:
        case ERROR_DEVICE_NOT_CONNECTED:
        case ERROR_CALL_NOT_IMPLEMENTED:
            return hwid::Access::absent;
        case ERROR_ACCESS_DENIED:
        case ERROR_PRIVILEGE_NOT_HELD:
            return hwid::Access::denied;
        default:
            return hwid::Access::failed;
    }
}

namespace {

using hwid::Access;
using hwid::RawHardware;

void add_firmware(HardwareJobs& jobs, RawHardware& out) {
    add(
        jobs, "firmware", read_firmware,
        [&out](RawFirmware found) {
            out.smbios_table = std::move(found.table);
            out.smbios_version = found.version;
        },
        [&out] { out.smbios_table.access = Access::timed_out; });
}

void add_nics(HardwareJobs& jobs, RawHardware& out) {
    add(
        jobs, "nics", read_nics,
        [&out](RawNics found) {
            out.nics_access = found.access;
            out.nics = std::move(found.cards);
        },
        [&out] { out.nics_access = Access::timed_out; });
}

void add_listed_disk(HardwareJobs& jobs, RawHardware& out, std::size_t i, const std::string& name) {
    add_disk(jobs, out, i, name, read_disk);
}

void add_processor_and_memory(HardwareJobs& jobs, RawHardware& out) {
    add(
        jobs, "cpu", read_cpu, [&out](hwid::RawCpu found) { out.cpu = std::move(found); },
        [&out] { out.cpu.name.access = Access::timed_out; });
    add(
        jobs, "memory", read_memory,
        [&out](hwid::Source<std::uint64_t> found) { out.memory_bytes = std::move(found); },
        [&out] { out.memory_bytes.access = Access::timed_out; });
}

void add_displays(HardwareJobs& jobs, RawHardware& out) {
    add(
        jobs, "displays", read_displays,
        [&out](RawDisplays found) {
            out.displays_access = found.access;
            out.displays = std::move(found.adapters);
        },
        [&out] { out.displays_access = Access::timed_out; });
}

void add_situation(HardwareJobs& jobs, RawHardware& out) {
    add(
        jobs, "vm generation", read_vm_generation_id,
        [&out](hwid::RawText found) { out.vm_generation_id = std::move(found); },
        [&out] { out.vm_generation_id.access = Access::timed_out; });
    add(
        jobs, "system", read_system,
        [&out](RawSystem found) {
            out.os_edition = std::move(found.edition);
            out.os_machine_id = std::move(found.machine_id);
            out.container = std::move(found.container);
        },
        [&out] {
            for (auto* text : {&out.os_edition, &out.os_machine_id, &out.container})
                text->access = Access::timed_out;
        });
}

/// Tried, not asked: what a user may open depends on the driver.
std::string hint_of_a_reading() {
    constexpr Duration kPatiencePerSource = seconds{2};
    const auto raw = system_hardware([] { return hwid::RawTpm{}; })->read(kPatiencePerSource);
    std::string hidden;
    if (std::any_of(raw.disks.begin(), raw.disks.end(),
                    [](const hwid::RawDisk& disk) { return disk.serial.access == Access::denied; }))
        hidden = "the serial numbers of disks";
    if (raw.vm_generation_id.access == Access::denied)
        hidden += std::string(hidden.empty() ? "" : " and ") +
                  "the generation id of this virtual machine";
    return hidden.empty() ? hidden : "readable for administrators alone: " + hidden;
}

}  // namespace

std::unique_ptr<Hardware> system_hardware(TpmReader tpm) {
    if (!tpm) tpm = tpm_without_reader;
    return guarded_hardware([tpm](HardwareJobs& jobs, RawHardware& out) {
        // Cards before disks: a dead disk is what gets stuck, and after three that are nothing more
        // is asked.
        add_nics(jobs, out);
        add_list(jobs, "disks", out, out.disks, out.disks_access, list_disks, add_listed_disk);
        add_firmware(jobs, out);
        add_processor_and_memory(jobs, out);
        add_displays(jobs, out);
        add_situation(jobs, out);
        add_tpm(jobs, out, tpm);
    });
}

std::string missing_rights_hint() {
    if (is_elevated()) return {};
    // Neither a process's rights nor what drivers ask for changes while it lives.
    static const std::string hint = hint_of_a_reading();
    return hint;
}

}  // namespace latchkey::platform
