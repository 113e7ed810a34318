#include "hwid/text.h"

#include <algorithm>
#include <charconv>

#include "hwid/component.h"

namespace latchkey::hwid {
namespace {

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

char lower_char(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
char upper_char(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

struct CodePoint {
    char32_t value = 0;
    std::size_t bytes = 0;  ///< 0: not valid UTF-8
};

/// Strict: no overlong forms, no surrogates, nothing above U+10FFFF.
CodePoint decode(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    if (first < 0x80) return {first, 1};
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < length) return {};
    char32_t value = first & (0xFFu >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return {};
        value = value << 6 | (byte(i) & 0x3Fu);
    }
    const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
    if (overlong || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return {};
    return {value, length};
}

/// Characters that change how their neighbours are shown, or show nothing.
bool is_deceptive(char32_t c) {
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0xAD || c == 0x061C || c == 0x180E ||
           (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF0 && c <= 0xFFFB) ||
           (c >= 0xE0000 && c <= 0xE007F);
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

std::string clean_text(std::string_view raw) {
    std::string out;
    raw = trim(raw);
    out.reserve(std::min(raw.size(), kMaxValueBytes));
    while (!raw.empty()) {
        const CodePoint point = decode(raw);
        const std::size_t width = point.bytes ? point.bytes : 1;
        std::string_view piece = raw.substr(0, width);
        raw.remove_prefix(width);
        if (!point.bytes) {
            piece = "?";
        } else if (is_space(piece.front())) {
            piece = " ";
        } else if (is_deceptive(point.value)) {
            continue;
        }
        if (out.size() + piece.size() > kMaxValueBytes) break;
        out += piece;
    }
    const auto ends = trim(out);
    return ends.size() == out.size() ? out : std::string(ends);
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

std::string fold_spaces(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : trim(text)) {
        if (!is_space(c)) {
            out += c;
        } else if (out.back() != ' ') {
            out += ' ';
        }
    }
    return out;
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), lower_char);
    return out;
}

std::string upper(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), upper_char);
    return out;
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() &&
           std::equal(prefix.begin(), prefix.end(), text.begin(),
                      [](char a, char b) { return lower_char(a) == lower_char(b); });
}

std::string_view take_until(std::string_view& rest, char separator) {
    const auto end = rest.find(separator);
    const auto piece = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    return piece;
}

std::optional<std::uint64_t> decimal(std::string_view text) {
    text = trim(text);
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

template <std::size_t N>
std::optional<std::array<std::uint8_t, N>> hex_bytes(std::string_view text) {
    std::array<std::uint8_t, N> out{};
    std::size_t digits = 0;
    for (const char c : text) {
        const int value = hex_value(c);
        if (value < 0) {
            if (std::string_view(":-. {}").find(c) == std::string_view::npos) return std::nullopt;
            continue;
        }
        if (digits == 2 * N) return std::nullopt;
        auto& byte = out[digits / 2];
        byte = static_cast<std::uint8_t>(byte << 4 | value);
        ++digits;
    }
    if (digits != 2 * N) return std::nullopt;
    return out;
}

template std::optional<std::array<std::uint8_t, 6>> hex_bytes<6>(std::string_view);
template std::optional<std::array<std::uint8_t, 8>> hex_bytes<8>(std::string_view);
template std::optional<std::array<std::uint8_t, 16>> hex_bytes<16>(std::string_view);
template std::optional<std::array<std::uint8_t, 20>> hex_bytes<20>(std::string_view);

}  // namespace latchkey::hwid
