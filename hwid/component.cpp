#include "hwid/component.h"

#include <algorithm>
#include <array>

namespace latchkey::hwid {
namespace {

struct Row {
    Kind kind;
    std::string_view name;
    std::string_view title;
};

constexpr std::array<Row, kKindCount> kRows{{
    {Kind::system_uuid, "system_uuid", "System UUID"},
    {Kind::system_serial, "system_serial", "System serial number"},
    {Kind::board_serial, "board_serial", "Mainboard serial number"},
    {Kind::chassis_serial, "chassis_serial", "Chassis serial number"},
    {Kind::tpm_ek, "tpm_ek", "TPM endorsement key"},
    {Kind::nic, "nic", "Network card"},
    {Kind::bmc_mac, "bmc_mac", "Management controller address"},
    {Kind::infiniband_guid, "infiniband_guid", "InfiniBand adapter"},
    {Kind::disk, "disk", "Disk"},
    {Kind::system_vendor, "system_vendor", "System vendor"},
    {Kind::system_product, "system_product", "System model"},
    {Kind::system_version, "system_version", "System version"},
    {Kind::system_sku, "system_sku", "System SKU"},
    {Kind::system_family, "system_family", "System family"},
    {Kind::board_vendor, "board_vendor", "Mainboard vendor"},
    {Kind::board_product, "board_product", "Mainboard model"},
    {Kind::board_version, "board_version", "Mainboard version"},
    {Kind::chassis_vendor, "chassis_vendor", "Chassis vendor"},
    {Kind::chassis_type, "chassis_type", "Chassis type"},
    {Kind::bios_vendor, "bios_vendor", "BIOS vendor"},
    {Kind::bios_version, "bios_version", "BIOS version"},
    {Kind::bios_date, "bios_date", "BIOS date"},
    {Kind::smbios_version, "smbios_version", "SMBIOS version"},
    {Kind::cpu_model, "cpu_model", "Processor"},
    {Kind::cpu_signature, "cpu_signature", "Processor signature"},
    {Kind::cpu_count, "cpu_count", "Number of processors"},
    {Kind::memory_total_mb, "memory_total_mb", "Memory size"},
    {Kind::memory_module, "memory_module", "Memory module"},
    {Kind::gpu, "gpu", "Graphics card"},
    {Kind::nic_device, "nic_device", "Network card model"},
    {Kind::battery, "battery", "Battery"},
    {Kind::monitor, "monitor", "Monitor"},
    {Kind::hypervisor, "hypervisor", "Hypervisor"},
    {Kind::vm_generation_id, "vm_generation_id", "VM generation id"},
    {Kind::os_edition, "os_edition", "Operating system"},
    {Kind::cloud_instance_id, "cloud_instance_id", "Cloud instance id"},
    {Kind::os_machine_id, "os_machine_id", "Operating system's machine id"},
}};

constexpr bool rows_in_enum_order() {
    for (std::size_t i = 0; i < kRows.size(); ++i) {
        if (static_cast<std::size_t>(kRows[i].kind) != i) return false;
    }
    return true;
}
static_assert(rows_in_enum_order());

constexpr auto kByName = [] {
    auto rows = kRows;
    std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.name < b.name; });
    return rows;
}();

const Row& row(Kind kind) { return kRows[static_cast<std::size_t>(kind)]; }

}  // namespace

std::string_view name(Kind kind) { return row(kind).name; }

std::optional<Kind> kind_from_name(std::string_view name) {
    const auto it = std::lower_bound(kByName.begin(), kByName.end(), name,
                                     [](const Row& r, std::string_view n) { return r.name < n; });
    if (it == kByName.end() || it->name != name) return std::nullopt;
    return it->kind;
}

std::string_view title(Kind kind) { return row(kind).title; }

std::string_view name(State state) {
    switch (state) {
        case State::present:
            return "present";
        case State::absent:
            return "absent";
        case State::unreadable:
            return "unreadable";
    }
    return {};
}

std::string_view Component::attribute(std::string_view key) const {
    const auto it = attributes.find(key);
    return it == attributes.end() ? std::string_view{} : std::string_view(it->second);
}

}  // namespace latchkey::hwid
