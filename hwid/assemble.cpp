#include "hwid/assemble.h"

#include <algorithm>
#include <tuple>

#include "hwid/cloud.h"
#include "hwid/cpu.h"
#include "hwid/devices.h"
#include "hwid/disks.h"
#include "hwid/memory.h"
#include "hwid/nics.h"
#include "hwid/smbios.h"
#include "hwid/text.h"

namespace latchkey::hwid {
namespace {

bool has(const std::vector<Component>& components, Kind kind) {
    return std::any_of(components.begin(), components.end(),
                       [&](const Component& c) { return c.kind == kind; });
}

void append(std::vector<Component>& out, std::vector<Component> more) {
    std::move(more.begin(), more.end(), std::back_inserter(out));
}

/// Takes only kinds that nobody has spoken for yet.
void append_missing(std::vector<Component>& out, const std::vector<Component>& more) {
    const std::size_t spoken = out.size();
    for (const auto& component : more) {
        const auto begin = out.begin();
        const bool known =
            std::any_of(begin, begin + static_cast<std::ptrdiff_t>(spoken),
                        [&](const Component& c) { return c.kind == component.kind; });
        if (!known) out.push_back(component);
    }
}

std::vector<Component> firmware(const RawHardware& raw) {
    std::vector<Component> out = parse_dmi_fields(raw.platform_fields);
    if (raw.smbios_table.readable()) {
        auto version = raw.smbios_version;
        if (raw.smbios_entry_point.readable()) {
            version = smbios_version(raw.smbios_entry_point.value);
        }
        append_missing(out, parse_smbios(raw.smbios_table.value, version));
    }
    append_missing(out, parse_dmi_fields(raw.dmi_fields));
    const bool hidden = raw.smbios_table.access != Access::absent && !raw.smbios_table.readable();
    for (const Kind kind :
         {Kind::system_uuid, Kind::system_serial, Kind::board_serial, Kind::chassis_serial}) {
        if (hidden && !has(out, kind)) out.push_back({kind, "", "", {}, State::unreadable});
    }
    return out;
}

/// What may be listed without end and tells little, least first.
constexpr Kind kDroppedFirst[] = {Kind::monitor, Kind::battery, Kind::nic_device,
                                  Kind::memory_module, Kind::gpu};
constexpr Kind kDroppedLast[] = {Kind::infiniband_guid, Kind::disk, Kind::nic};

std::ptrdiff_t count(const std::vector<Component>& components, Kind kind) {
    return std::count_if(components.begin(), components.end(),
                         [&](const Component& c) { return c.kind == kind; });
}

void drop_last(std::vector<Component>& components, Kind kind) {
    const auto last = std::find_if(components.rbegin(), components.rend(),
                                   [&](const Component& c) { return c.kind == kind; });
    if (last != components.rend()) components.erase(std::next(last).base());
}

void fit(std::vector<Component>& components) {
    for (const Kind kind : kDroppedFirst) {
        while (components.size() > kMaxComponents && has(components, kind)) {
            drop_last(components, kind);
        }
    }
    while (components.size() > kMaxComponents) {
        drop_last(components,
                  *std::max_element(
                      std::begin(kDroppedLast), std::end(kDroppedLast),
                      [&](Kind a, Kind b) { return count(components, a) < count(components, b); }));
    }
}

}  // namespace

Snapshot assemble(const RawHardware& raw, WallTime captured_at, const DigestFunction& one_way) {
    std::vector<Component> all = firmware(raw);
    append(all, parse_tpm(raw.tpm, one_way));
    append(all, parse_disks(raw.disks, raw.disks_access));
    append(all, parse_nics(raw.nics, raw.nics_access));
    append(all, parse_displays(raw.displays, raw.displays_access));
    append_missing(all, parse_batteries(raw.batteries));
    append(all, parse_situation(raw));
    // Firmware names the cloud first; what it names must not depend on when cloud-init had run.
    if (!has(all, Kind::cloud_instance_id)) {
        if (auto cloud = cloud_identity(raw.cloud_name, raw.cloud_instance_id))
            all.push_back(std::move(*cloud));
    }
    // The processor speaks for itself; SMBIOS only where it does not.
    const auto cpu = parse_cpu(raw.cpu, raw.hypervisor_type);
    std::erase_if(all, [&](const Component& c) { return has(cpu, c.kind); });
    append(all, cpu);
    if (auto total = memory_total(all, raw.meminfo, raw.memory_bytes))
        all.push_back(std::move(*total));
    std::stable_sort(all.begin(), all.end(), [](const Component& a, const Component& b) {
        return std::tie(a.kind, a.slot) < std::tie(b.kind, b.slot);
    });
    fit(all);
    return {clean_text(raw.os), captured_at, std::move(all)};
}

}  // namespace latchkey::hwid
