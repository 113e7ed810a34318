#include "platform/hardware/hardware_mac.h"

#include "platform/hardware/hardware.h"
#include "platform/hardware/hardware_jobs.h"

namespace latchkey::platform {
namespace {

using hwid::Access;
using hwid::RawHardware;

void add_platform(HardwareJobs& jobs, RawHardware& out) {
    add(
        jobs, "platform", read_platform,
        [&out](RawPlatform found) {
            out.platform_fields = std::move(found.fields);
            out.smbios_entry_point = std::move(found.smbios.entry_point);
            out.smbios_table = std::move(found.smbios.table);
        },
        [&out] {
            for (const auto* field : {"product_uuid", "product_serial"})
                out.platform_fields[field].access = Access::timed_out;
            out.smbios_table.access = out.smbios_entry_point.access = Access::timed_out;
        });
}

template <class Device>
void add_devices(HardwareJobs& jobs, const char* name, RawList<Device> (*read)(),
                 std::vector<Device>& devices, Access& access) {
    add(
        jobs, name, read,
        [&devices, &access](RawList<Device> found) {
            access = found.access;
            devices = std::move(found.devices);
        },
        [&access] { access = Access::timed_out; });
}

void add_kernel(HardwareJobs& jobs, RawHardware& out) {
    add(
        jobs, "cpu", read_cpu, [&out](const CpuWords& words) { understand_cpu(words, out); },
        [&out] { out.cpu.name.access = Access::timed_out; });
    add(
        jobs, "memory", read_memory,
        [&out](hwid::Source<std::uint64_t> found) { out.memory_bytes = std::move(found); },
        [&out] { out.memory_bytes.access = Access::timed_out; });
    add(
        jobs, "system", read_edition,
        [&out](hwid::RawText found) { out.os_edition = std::move(found); },
        [&out] { out.os_edition.access = Access::timed_out; });
}

void add_batteries(HardwareJobs& jobs, RawHardware& out) {
    add(
        jobs, "batteries", read_batteries,
        [&out](std::vector<hwid::RawBattery> found) { out.batteries = std::move(found); }, [] {});
}

}  // namespace

// No Mac has a TPM.
std::unique_ptr<Hardware> system_hardware(TpmReader tpm) {
    return guarded_hardware([tpm](HardwareJobs& jobs, RawHardware& out) {
        // The registry is the kernel's memory: a dead disk holds nobody who asks it. What can be
        // stuck is a driver that keeps the registry locked while it starts.
        add_platform(jobs, out);
        add_devices(jobs, "nics", read_nics, out.nics, out.nics_access);
        add_devices(jobs, "disks", read_disks, out.disks, out.disks_access);
        add_devices(jobs, "displays", read_displays, out.displays, out.displays_access);
        add_kernel(jobs, out);
        add_batteries(jobs, out);
        if (tpm) add_tpm(jobs, out, tpm);
    });
}

// The I/O registry shows everybody the same.
std::string missing_rights_hint() { return {}; }

}  // namespace latchkey::platform
