#include "platform/hardware.h"

#include <fcntl.h>

#include <mutex>

#include "platform/guarded_worker.h"
#include "platform/hardware_linux.h"
#include "platform/paths.h"
#include "platform/privileges.h"
#include "platform/sysfs_linux.h"

namespace latchkey::platform {
namespace {

using hwid::Access;
using hwid::RawHardware;
using Jobs = std::vector<GuardedWorker::Job>;

/// `read` runs on the helper; `store` takes its value on the caller's thread.
template <class Read, class Store>
void add(Jobs& jobs, std::string name, Read read, Store store, std::function<void()> gave_up) {
    jobs.push_back({std::move(name),
                    [read = std::move(read), store]() -> std::function<void()> {
                        return [value = read(), store]() mutable { store(std::move(value)); };
                    },
                    std::move(gave_up)});
}

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

using Names = std::vector<std::string>;

/// Names of devices: each is a source of its own, so the lists come first.
void add_lists(Jobs& jobs, RawHardware& out, Names& disks, Names& nics) {
    const auto add_list = [&](const char* name, Names (*list)(Access&), Access& access,
                              Names& names) {
        add(
            jobs, name,
            [list] {
                Access listed = Access::absent;
                auto found = list(listed);
                return std::pair(listed, std::move(found));
            },
            [&access, &names](std::pair<Access, Names> found) {
                access = found.first;
                names = std::move(found.second);
            },
            [&access] { access = Access::timed_out; });
    };
    add_list("disks", list_disks, out.disks_access, disks);
    add_list("nics", list_nics, out.nics_access, nics);
}

void add_disks(Jobs& jobs, RawHardware& out, const Names& names) {
    out.disks.resize(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
        auto& disk = out.disks[i];
        disk.name = names[i];
        disk.is_virtual = is_virtual_disk_name(names[i]);
        if (disk.is_virtual) continue;
        add(
            jobs, "disk " + names[i], [name = names[i]] { return read_disk(name); },
            [&disk](hwid::RawDisk found) { disk = std::move(found); },
            [&disk] {
                for (auto* text : {&disk.serial, &disk.wwn, &disk.eui, &disk.model})
                    text->access = Access::timed_out;
            });
    }
}

void add_nics(Jobs& jobs, RawHardware& out, const Names& names) {
    out.nics.resize(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
        auto& nic = out.nics[i];
        nic.name = names[i];
        add(
            jobs, "nic " + names[i], [name = names[i]] { return read_nic(name); },
            [&nic](hwid::RawNic found) { nic = std::move(found); },
            [&nic] { nic.permanent_address.access = nic.address.access = Access::timed_out; });
    }
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

void add_tpm(Jobs& jobs, RawHardware& out, const TpmReader& reader) {
    add(
        jobs, "tpm", reader, [&out](hwid::RawTpm found) { out.tpm = std::move(found); },
        [&out] { out.tpm.ek_public.access = Access::timed_out; });
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

class LinuxHardware final : public Hardware {
public:
    explicit LinuxHardware(TpmReader tpm) : tpm_(std::move(tpm)) {}

    RawHardware read(Duration per_source) const override {
        const std::lock_guard one_at_a_time(mutex_);
        RawHardware out;
        out.os = os_name();
        Jobs jobs;
        Names disks, nics;
        add_lists(jobs, out, disks, nics);
        add_firmware(jobs, out);
        add_cpu(jobs, out, cpu_);
        add_displays(jobs, out, displays_);
        add_small_things(jobs, out);
        worker_.run(std::move(jobs), per_source);
        jobs.clear();
        add_disks(jobs, out, disks);
        add_nics(jobs, out, nics);
        add_tpm(jobs, out, tpm_);  // the slowest, and the likeliest to be stuck
        worker_.run(std::move(jobs), per_source);
        return out;
    }

private:
    mutable std::mutex mutex_;
    mutable GuardedWorker worker_;
    TpmReader tpm_;
    // Shared with jobs that may outlive this object.
    std::shared_ptr<CpuSource> cpu_ = std::make_shared<CpuSource>();
    std::shared_ptr<DisplayList> displays_ = std::make_shared<DisplayList>();
};

/// Tried, not asked: access() judges by the real user and forgets capabilities.
bool is_hidden(const char* path) {
    return exists(path) && !UniqueFd(::open(path, O_RDONLY | O_CLOEXEC));
}

}  // namespace

std::unique_ptr<Hardware> system_hardware(TpmReader tpm) {
    return std::make_unique<LinuxHardware>(tpm ? std::move(tpm) : tpm_without_reader);
}

std::string missing_rights_hint() {
    if (is_elevated()) return {};
    if (!is_hidden("/sys/firmware/dmi/tables/DMI") &&
        !is_hidden("/sys/class/dmi/id/product_serial"))
        return {};
    return "the serial numbers of system, board, chassis and memory modules (SMBIOS) are readable "
           "for root alone";
}

}  // namespace latchkey::platform
