#pragma once

// Values that name no machine: placeholders that vendors forgot to fill in, template UUIDs,
// addresses and disk ids seen on many machines, and the marks of hypervisors and docks. Each table
// in known_bad.cpp names its sources.

#include <array>
#include <cstdint>
#include <string_view>

namespace latchkey::hwid {

/// `text` in canonical spelling: lower case, single spaces. True for "to be filled by o.e.m.",
/// "default string", digit ladders, one repeated character and their kin.
bool is_placeholder_text(std::string_view text);

/// Part numbers that vendors printed where a serial number belongs ("777403-b21").
bool is_part_number(std::string_view text);

/// In either byte order. True for template UUIDs and those of at most two distinct digits.
bool is_template_uuid(const std::array<std::uint8_t, 16>& uuid);

enum class MacOrigin : std::uint8_t {
    burned_in,  ///< a globally administered address of a real adapter, as far as one can see
    bad,        ///< multicast, zero, or a known default
    local,      ///< locally administered, randomised, bridge or tunnel
    hypervisor,
    dock,  ///< a maker of USB adapters and docks
};

/// The address as a 48-bit number.
MacOrigin mac_origin(std::uint64_t mac);

/// `id` as lower-case hexadecimal digits (WWN, EUI-64, NGUID) or a serial in lower case.
bool is_bad_disk_id(std::string_view id);

/// Disk models and serials that a hypervisor or a RAID controller makes up, in lower case.
bool is_virtual_disk_model(std::string_view model);
bool is_virtual_disk_serial(std::string_view serial);

/// System vendor or product names of virtual machines, in lower case.
bool is_virtual_product(std::string_view text);

}  // namespace latchkey::hwid
