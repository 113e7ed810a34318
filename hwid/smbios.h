#pragma once

// The raw SMBIOS structure table (DMTF DSP0134) -> components. The table is written by firmware
// and may be anything: truncated, with zero lengths, missing terminators, string numbers that lead
// nowhere. What cannot be read is left out; nothing is ever read beyond the bytes given.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hwid/component.h"
#include "hwid/raw.h"

namespace latchkey::hwid {

/// Of a 32-bit ("_SM_") or 64-bit ("_SM3_") entry point; nullopt where the bytes are neither or
/// the checksum is wrong.
std::optional<SmbiosVersion> smbios_version(std::span<const std::uint8_t> entry_point);

/// One structure: its formatted part (header included) and its strings. Views into the table.
struct SmbiosStructure {
    std::uint8_t type = 0;
    std::span<const std::uint8_t> formatted;
    std::vector<std::string_view> strings;

    /// Little-endian numbers; nullopt beyond the formatted part.
    std::optional<std::uint8_t> byte(std::size_t offset) const;
    std::optional<std::uint16_t> word(std::size_t offset) const;
    std::optional<std::uint32_t> dword(std::size_t offset) const;
    /// The string whose number stands at the offset; empty where there is none.
    std::string_view text(std::size_t offset) const;
};

inline constexpr std::size_t kMaxSmbiosStructures = 4096;

/// Walks the table up to its end marker (type 127), its end or the first structure that cannot be.
std::vector<SmbiosStructure> smbios_structures(std::span<const std::uint8_t> table);

/// Everything of types 0, 1, 2, 3, 4, 17 and 22. A unit-level value that firmware left out is an
/// absent component. A UUID is read in the byte order of its version: before 2.6 as it stands,
/// since then (and where the version is unknown) with the first three fields little-endian.
std::vector<Component> parse_smbios(std::span<const std::uint8_t> table,
                                    std::optional<SmbiosVersion> version);

/// The same from single values under the names of /sys/class/dmi/id, for a system that shows no
/// table. Values that could not be read become unreadable components.
std::vector<Component> parse_dmi_fields(const std::map<std::string, RawText>& fields);

}  // namespace latchkey::hwid
