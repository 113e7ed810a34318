#pragma once

// How a reading is put together: each source is a job of the guarded worker, which hands its value
// over on the caller's thread. Shared by the systems' hardware files. Internal to platform/.

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "hwid/raw.h"
#include "platform/guarded_worker.h"
#include "platform/hardware/hardware.h"

namespace latchkey::platform {

using HardwareJobs = std::vector<GuardedWorker::Job>;

/// Adds a reading's jobs, which store what they find in `out`; called on the reader's thread.
using ListSources = std::function<void(HardwareJobs&, hwid::RawHardware& out)>;
/// Reads the system's sources one reading at a time, each within its time.
std::unique_ptr<Hardware> guarded_hardware(ListSources sources);

/// `read` runs on the helper; `store` takes its value on the caller's thread.
template <class Read, class Store>
void add(HardwareJobs& jobs, std::string name, Read read, Store store,
         std::function<void()> gave_up) {
    jobs.push_back({std::move(name),
                    [read = std::move(read), store]() -> GuardedWorker::Found {
                        return [value = read(), store]() mutable { store(std::move(value)); };
                    },
                    std::move(gave_up)});
}

inline void add_disk(HardwareJobs& jobs, hwid::RawHardware& out, std::size_t i,
                     const std::string& name, hwid::RawDisk (*read)(const std::string&)) {
    add(
        jobs, "disk " + name, [name, read] { return read(name); },
        [&out, i](hwid::RawDisk found) { out.disks[i] = std::move(found); },
        [&out, i] {
            auto& disk = out.disks[i];
            for (auto* text : {&disk.serial, &disk.wwn, &disk.eui, &disk.model})
                text->access = hwid::Access::timed_out;
        });
}

/// Each device of the list is a source of its own, read after the list has come.
template <class Device>
void add_list(HardwareJobs& jobs, std::string name, hwid::RawHardware& out,
              std::vector<Device>& devices, hwid::Access& access,
              std::vector<Device> (*list)(hwid::Access&),
              void (*add_device)(HardwareJobs&, hwid::RawHardware&, std::size_t,
                                 const std::string&)) {
    const auto read = [&out, &devices, &access, list, add_device]() -> GuardedWorker::Found {
        hwid::Access listed = hwid::Access::absent;
        auto found = list(listed);
        HardwareJobs more;
        for (std::size_t i = 0; i < found.size(); ++i)
            if (!found[i].is_virtual) add_device(more, out, i, found[i].name);
        return {[&devices, &access, listed, found = std::move(found)]() mutable {
                    access = listed;
                    devices = std::move(found);
                },
                std::move(more)};
    };
    jobs.push_back({std::move(name), read, [&access] { access = hwid::Access::timed_out; }});
}

inline void add_tpm(HardwareJobs& jobs, hwid::RawHardware& out,
                    const std::function<hwid::RawTpm()>& reader) {
    add(
        jobs, "tpm", reader, [&out](hwid::RawTpm found) { out.tpm = std::move(found); },
        [&out] { out.tpm.ek_public.access = hwid::Access::timed_out; });
}

}  // namespace latchkey::platform
