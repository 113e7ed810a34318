#include "base/printable.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

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

struct Range {
    char32_t first;
    char32_t last;
};

bool is_in(std::span<const Range> ranges, char32_t c) {
    return std::any_of(ranges.begin(), ranges.end(),
                       [c](const Range& range) { return c >= range.first && c <= range.last; });
}

/// Two columns each (Unicode's East Asian Width W and F, in coarse blocks).
constexpr std::array kWide{
    Range{0x1100, 0x115f},   Range{0x2e80, 0x303e},   Range{0x3041, 0xa4cf},
    Range{0xa960, 0xa97f},   Range{0xac00, 0xd7a3},   Range{0xf900, 0xfaff},
    Range{0xfe30, 0xfe6f},   Range{0xff00, 0xff60},   Range{0xffe0, 0xffe6},
    Range{0x1f300, 0x1f64f}, Range{0x1f680, 0x1f6ff}, Range{0x1f900, 0x1f9ff},
    Range{0x20000, 0x3fffd}};

/// Drawn over the one before.
constexpr std::array kCombining{Range{0x0300, 0x036f}, Range{0x1ab0, 0x1aff}, Range{0x20d0, 0x20ff},
                                Range{0xfe00, 0xfe0f}};

std::size_t width_of(char32_t c) {
    if (c < 0x300 || is_in(kCombining, c)) return c < 0x300 ? 1 : 0;
    return is_in(kWide, c) ? 2 : 1;
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
    if (is_plain(text)) return text.size();
    std::size_t width = 0;
    while (!text.empty()) {
        const CodePoint c = decode(text);
        width += c.valid ? width_of(c.value) : 1;
        text.remove_prefix(c.bytes);
    }
    return width;
}

}  // namespace latchkey
