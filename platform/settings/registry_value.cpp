#include "platform/settings/registry_value.h"

#include <array>
#include <optional>
#include <string_view>

namespace latchkey::platform {
namespace {

using Bytes = std::span<const std::uint8_t>;

// The registry's types, winnt.h.
constexpr std::uint32_t kText = 1;
constexpr std::uint32_t kNumber = 4;
constexpr std::uint32_t kList = 7;
constexpr std::array<std::string_view, 12> kTypes{
    "REG_NONE",
    "REG_SZ",
    "REG_EXPAND_SZ",
    "REG_BINARY",
    "REG_DWORD",
    "REG_DWORD_BIG_ENDIAN",
    "REG_LINK",
    "REG_MULTI_SZ",
    "REG_RESOURCE_LIST",
    "REG_FULL_RESOURCE_DESCRIPTOR",
    "REG_RESOURCE_REQUIREMENTS_LIST",
    "REG_QWORD",
};

std::string type_name(std::uint32_t type) {
    return type < kTypes.size() ? std::string(kTypes[type])
                                : "the unknown type " + std::to_string(type);
}

OtherData other(std::uint32_t type, std::size_t bytes, std::string_view why = {}) {
    return {type_name(type) + ", " + std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes") +
            std::string(why)};
}

void append_utf8(std::string& out, std::uint32_t point) {
    const auto byte = [&](std::uint32_t value) { out += static_cast<char>(value); };
    if (point < 0x80) return byte(point);
    if (point < 0x800) {
        byte(0xc0 | (point >> 6));
    } else {
        if (point < 0x10000) {
            byte(0xe0 | (point >> 12));
        } else {
            byte(0xf0 | (point >> 18));
            byte(0x80 | ((point >> 12) & 0x3f));
        }
        byte(0x80 | ((point >> 6) & 0x3f));
    }
    byte(0x80 | (point & 0x3f));
}

/// UTF-16LE to UTF-8; nullopt for half a character, of bytes or of surrogates.
std::optional<std::string> text_of(Bytes bytes) {
    if (bytes.size() % 2 != 0) return std::nullopt;
    const auto unit = [&](std::size_t i) -> std::uint32_t {
        return bytes[i] | (std::uint32_t{bytes[i + 1]} << 8);
    };
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 2) {
        std::uint32_t point = unit(i);
        if (point >= 0xd800 && point < 0xe000) {
            if (point >= 0xdc00 || i + 2 >= bytes.size()) return std::nullopt;
            const std::uint32_t low = unit(i + 2);
            if (low < 0xdc00 || low >= 0xe000) return std::nullopt;
            point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
            i += 2;
        }
        append_utf8(out, point);
    }
    return out;
}

/// Terminators at the end go, whether there are none, one or two; one within the text stays.
void drop_terminators(std::string& text) {
    while (!text.empty() && text.back() == '\0') text.pop_back();
}

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const auto end = text.find('\0');
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

}  // namespace

PolicyData registry_value(std::uint32_t type, Bytes bytes) {
    if (bytes.size() > kMaxPolicyBytes) return oversized_registry_value(type, bytes.size());
    if (type == kNumber && bytes.size() == 4)
        return bytes[0] | (std::uint32_t{bytes[1]} << 8) | (std::uint32_t{bytes[2]} << 16) |
               (std::uint32_t{bytes[3]} << 24);
    if (type == kNumber) return other(type, bytes.size(), ", which is no number");
    if (type != kText && type != kList) return other(type, bytes.size());
    auto text = text_of(bytes);
    if (!text) return other(type, bytes.size(), ", which is no text");
    drop_terminators(*text);
    if (type == kText) return std::move(*text);
    return lines_of(*text);
}

PolicyData oversized_registry_value(std::uint32_t type, std::size_t bytes) {
    return other(type, bytes, ", which is too large");
}

}  // namespace latchkey::platform
