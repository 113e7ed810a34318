#include "base/printable.h"

#include <algorithm>
#include <cstdint>

namespace latchkey {
namespace {

struct CodePoint {
    char32_t value = 0;
    std::size_t bytes = 1;
    bool valid = false;
};

/// The first code point of a non-empty text; overlong forms and surrogates are invalid.
CodePoint decode(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t first = byte(0);
    if (first < 0x80) return {first, 1, true};
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < length) return {};
    char32_t value = first & (0xffu >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0u) != 0x80) return {};
        value = (value << 6) | (byte(i) & 0x3fu);
    }
    constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (value < kSmallest[length] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return {};
    return {value, length, true};
}

bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7f && c <= 0x9f); }

bool is_invisible(char32_t c) {
    return (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0x061c || c == 0xfeff || c == 0xad ||
           (c >= 0xe0000 && c <= 0xe0fff);
}

bool is_plain(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

std::string clean(std::string_view text, bool keep_lines) {
    if (is_plain(text)) return std::string(text);
    std::string clean;
    clean.reserve(text.size());
    while (!text.empty()) {
        const CodePoint c = decode(text);
        if (!c.valid)
            clean += '?';
        else if (c.value == '\n' && keep_lines)
            clean += '\n';
        else if (c.value == '\n' || c.value == '\t')
            clean += ' ';
        else if (!is_control(c.value) && !is_invisible(c.value))
            clean.append(text.substr(0, c.bytes));
        text.remove_prefix(c.bytes);
    }
    return clean;
}

}  // namespace

std::string printable(std::string_view text) { return clean(text, false); }

std::string printable_lines(std::string_view text) { return clean(text, true); }

std::size_t columns(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<std::uint8_t>(c) & 0xc0u) != 0x80;
    }));
}

}  // namespace latchkey
