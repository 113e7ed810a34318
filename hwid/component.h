#pragma once

// What a machine is made of: one Component a fact, each of a Kind, each present, absent or
// unreadable. Pure values; the kinds and their names are those of the snapshot contract
// (docs/identity.md).

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace latchkey::hwid {

/// The enumerator's name is the kind's spelling in snapshots, fingerprints and reasons.
enum class Kind : std::uint8_t {
    // unit-level: the four anchor groups and extra evidence
    system_uuid,
    system_serial,
    board_serial,
    chassis_serial,
    tpm_ek,
    nic,
    bmc_mac,
    infiniband_guid,
    disk,
    // model-level
    system_vendor,
    system_product,
    system_version,
    system_sku,
    system_family,
    board_vendor,
    board_product,
    board_version,
    chassis_vendor,
    chassis_type,
    bios_vendor,
    bios_version,
    bios_date,
    smbios_version,
    cpu_model,
    cpu_signature,
    cpu_count,
    memory_total_mb,
    memory_module,
    gpu,
    nic_device,
    battery,
    monitor,
    // situation
    hypervisor,
    vm_generation_id,
    os_edition,
    cloud_instance_id,
    os_machine_id,
};

inline constexpr std::size_t kKindCount = static_cast<std::size_t>(Kind::os_machine_id) + 1;

std::string_view name(Kind kind);
std::optional<Kind> kind_from_name(std::string_view name);
/// Words for people: "Network card", "System serial number".
std::string_view title(Kind kind);

/// Three-valued evidence: what could not be read is neither a match nor a change.
enum class State : std::uint8_t { present, absent, unreadable };

std::string_view name(State state);

using Attributes = std::map<std::string, std::string, std::less<>>;

/// `value` is raw, at most kMaxValueBytes of valid UTF-8 without control or bidirectional
/// characters (normalize.h strips them on the way in). `slot` names the place ("nvme0n1", "dimm0")
/// and is never evidence.
struct Component {
    Kind kind;
    std::string value;
    std::string slot;
    Attributes attributes;
    State state = State::present;

    /// The attribute's value, empty where there is none.
    std::string_view attribute(std::string_view key) const;

    friend bool operator==(const Component&, const Component&) = default;
};

inline constexpr std::size_t kMaxComponents = 256;
inline constexpr std::size_t kMaxValueBytes = 256;

/// One capture of one machine.
struct Snapshot {
    std::string os;  ///< "linux", "windows", "mac"
    std::optional<WallTime> captured_at;
    std::vector<Component> components;

    friend bool operator==(const Snapshot&, const Snapshot&) = default;
};

}  // namespace latchkey::hwid
