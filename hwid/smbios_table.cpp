#include <algorithm>
#include <cstring>

#include "hwid/smbios.h"

namespace latchkey::hwid {
namespace {

constexpr std::size_t kHeaderBytes = 4;
constexpr std::uint8_t kEndOfTable = 127;

bool checksum_is_right(std::span<const std::uint8_t> bytes) {
    std::uint8_t sum = 0;
    for (const auto byte : bytes) sum = static_cast<std::uint8_t>(sum + byte);
    return sum == 0;
}

bool begins_with(std::span<const std::uint8_t> bytes, std::string_view anchor) {
    return bytes.size() >= anchor.size() &&
           std::memcmp(bytes.data(), anchor.data(), anchor.size()) == 0;
}

/// Reads the string set that follows a formatted part. Returns the offset behind its terminator;
/// none where the table ends before.
std::optional<std::size_t> read_strings(std::span<const std::uint8_t> table, std::size_t at,
                                        std::vector<std::string_view>& strings) {
    // An empty set is two zero bytes, any other ends with an empty string.
    if (at + 1 < table.size() && table[at] == 0 && table[at + 1] == 0) return at + 2;
    while (at < table.size() && table[at] != 0) {
        const auto rest = table.subspan(at);
        const auto end = std::find(rest.begin(), rest.end(), std::uint8_t{0});
        if (end == rest.end()) return std::nullopt;
        const auto length = static_cast<std::size_t>(end - rest.begin());
        strings.emplace_back(reinterpret_cast<const char*>(rest.data()), length);
        at += length + 1;
    }
    if (at >= table.size()) return std::nullopt;
    return at + 1;
}

}  // namespace

std::optional<SmbiosVersion> smbios_version(std::span<const std::uint8_t> entry_point) {
    constexpr std::size_t kOldBytes = 31;
    constexpr std::size_t kNewBytes = 24;
    if (begins_with(entry_point, "_SM3_") && entry_point.size() >= kNewBytes) {
        const std::size_t length = entry_point[6];
        if (length < kNewBytes || length > entry_point.size()) return std::nullopt;
        if (!checksum_is_right(entry_point.first(length))) return std::nullopt;
        return SmbiosVersion{entry_point[7], entry_point[8], entry_point[9]};
    }
    if (begins_with(entry_point, "_SM_") && entry_point.size() >= kOldBytes) {
        // Version 2.1 of the specification gave the length as 30 for 31 bytes.
        const std::size_t length = std::max<std::size_t>(entry_point[5], kOldBytes);
        if (length > entry_point.size() || !checksum_is_right(entry_point.first(length))) {
            return std::nullopt;
        }
        return SmbiosVersion{entry_point[6], entry_point[7], 0};
    }
    return std::nullopt;
}

std::optional<std::uint8_t> SmbiosStructure::byte(std::size_t offset) const {
    if (offset >= formatted.size()) return std::nullopt;
    return formatted[offset];
}

std::optional<std::uint16_t> SmbiosStructure::word(std::size_t offset) const {
    const auto low = byte(offset);
    const auto high = byte(offset + 1);
    if (!low || !high) return std::nullopt;
    return static_cast<std::uint16_t>(*low | *high << 8);
}

std::optional<std::uint32_t> SmbiosStructure::dword(std::size_t offset) const {
    const auto low = word(offset);
    const auto high = word(offset + 2);
    if (!low || !high) return std::nullopt;
    return static_cast<std::uint32_t>(*low) | static_cast<std::uint32_t>(*high) << 16;
}

std::string_view SmbiosStructure::text(std::size_t offset) const {
    const auto number = byte(offset);
    if (!number || *number == 0 || *number > strings.size()) return {};
    return strings[*number - 1u];
}

std::vector<SmbiosStructure> smbios_structures(std::span<const std::uint8_t> table) {
    std::vector<SmbiosStructure> out;
    std::size_t at = 0;
    while (at + kHeaderBytes <= table.size() && out.size() < kMaxSmbiosStructures) {
        const std::size_t length = table[at + 1];
        if (length < kHeaderBytes || at + length > table.size()) break;
        SmbiosStructure structure{table[at], table.subspan(at, length), {}};
        const auto next = read_strings(table, at + length, structure.strings);
        if (!next || structure.type == kEndOfTable) break;
        at = *next;
        out.push_back(std::move(structure));
    }
    return out;
}

}  // namespace latchkey::hwid
