#include "platform/hardware/hardware.h"

#include <fcntl.h>

#include "platform/hardware/hardware_jobs.h"
#include "platform/hardware/hardware_linux.h"
#include "platform/hardware/sysfs_linux.h"
#include "platform/privileges.h"

namespace latchkey::platform {
namespace {

using hwid::Access;
using hwid::RawHardware;
using Jobs = HardwareJobs;

void add_text(Jobs& jobs, hwid::RawText& into, const char* path, std::size_t max_bytes) {
    add(
        jobs, path, [path, max_bytes] { return read_text_file(path, max_bytes); },
        [&into](hwid::RawText text) { into = std::move(text); },
        [&into, path] {
            into = {Access::timed_out, {}, path};
        });
}

void add_firmware(Jobs& jobs, RawHardware& out) {
    add(
        jobs, "firmware", read_firmware,
        [&out](RawFirmware found) {
            out.smbios_entry_point = std::move(found.entry_point);
            out.smbios_table = std::move(found.table);
            out.dmi_fields = std::move(found.fields);
        },
        [&out] { out.smbios_table.access = out.smbios_entry_point.access = Access::timed_out; });
}

void add_listed_disk(Jobs& jobs, RawHardware& out, std::size_t i, const std::string& name) {
    add_disk(jobs, out, i, name, read_disk);
}

void add_nic(Jobs& jobs, RawHardware& out, std::size_t i, const std::string& name) {
    add(
        jobs, "nic " + name, [name] { return read_nic(name); },
        [&out, i](hwid::RawNic found) { out.nics[i] = std::move(found); },
        [&out, i] {
            out.nics[i].permanent_address.access = out.nics[i].address.access = Access::timed_out;
        });
}

void add_cpu(Jobs& jobs, RawHardware& out, const std::shared_ptr<CpuSource>& cpu) {
    add(
        jobs, "cpu", [cpu] { return cpu->read(); },
        [&out](hwid::RawCpu found) { out.cpu = std::move(found); },
        [&out] { out.cpu.cpuinfo.access = Access::timed_out; });
}

void add_displays(Jobs& jobs, RawHardware& out, const std::shared_ptr<DisplayList>& displays) {
    add(
        jobs, "displays", [displays] { return displays->read(); },
        [&out](std::pair<Access, std::vector<hwid::RawDisplay>> found) {
            out.displays_access = found.first;
            out.displays = std::move(found.second);
        },
        [&out] { out.displays_access = Access::timed_out; });
}

void add_small_things(Jobs& jobs, RawHardware& out) {
    add(
        jobs, "batteries", read_batteries,
        [&out](std::vector<hwid::RawBattery> found) { out.batteries = std::move(found); }, [] {});
    add(
        jobs, "cloud", read_cloud,
        [&out](RawCloud found) {
            out.cloud_name = std::move(found.name);
            out.cloud_instance_id = std::move(found.instance_id);
        },
        [&out] { out.cloud_name.access = out.cloud_instance_id.access = Access::timed_out; });
    add(
        jobs, "container", read_container,
        [&out](hwid::RawText found) { out.container = std::move(found); },
        [&out] { out.container.access = Access::timed_out; });
    add_text(jobs, out.meminfo, "/proc/meminfo", kMaxAttributeBytes);
    add_text(jobs, out.hypervisor_type, "/sys/hypervisor/type", kMaxAttributeBytes);
    add_text(jobs, out.os_release, "/etc/os-release", kMaxAttributeBytes);
    add_text(jobs, out.os_machine_id, "/etc/machine-id", kMaxAttributeBytes);
}

/// Tried, not asked: access() judges by the real user and forgets capabilities.
bool is_hidden(const char* path) {
    return exists(path) && !UniqueFd(::open(path, O_RDONLY | O_CLOEXEC));
}

}  // namespace

std::unique_ptr<Hardware> system_hardware(TpmReader tpm) {
    if (!tpm) tpm = tpm_without_reader;
    // Shared with jobs that may outlive the reading.
    const auto cpu = std::make_shared<CpuSource>();
    const auto displays = std::make_shared<DisplayList>();
    return guarded_hardware([tpm, cpu, displays](Jobs& jobs, RawHardware& out) {
        // Cards before disks: a dead disk is what gets stuck, and after three that are nothing more
        // is asked.
        add_list(jobs, "nics", out, out.nics, out.nics_access, list_nics, add_nic);
        add_list(jobs, "disks", out, out.disks, out.disks_access, list_disks, add_listed_disk);
        add_firmware(jobs, out);
        add_cpu(jobs, out, cpu);
        add_displays(jobs, out, displays);
        add_small_things(jobs, out);
        add_tpm(jobs, out, tpm);
    });
}

std::string missing_rights_hint() {
    if (is_elevated()) return {};
    const auto table = read_firmware().table.access;
    const bool shown =
        table == hwid::Access::read ||
        (table != hwid::Access::denied && !is_hidden("/sys/class/dmi/id/product_serial"));
    if (shown) return {};
    return "the serial numbers of system, board, chassis and memory modules (SMBIOS) are readable "
           "for root alone";
}

}  // namespace latchkey::platform
