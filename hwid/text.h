#pragma once

// Small text tools for strings that firmware and drivers gave us: nothing about them is promised.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace latchkey::hwid {

/// Valid UTF-8 of at most kMaxValueBytes, trimmed, without control, bidirectional and invisible
/// characters. An invalid byte becomes '?'. A line break or tab becomes one space.
std::string clean_text(std::string_view raw);

std::string_view trim(std::string_view text);
/// Runs of white space become one space; ends are trimmed.
std::string fold_spaces(std::string_view text);
/// ASCII only; other bytes stay as they are.
std::string lower(std::string_view text);
std::string upper(std::string_view text);

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix);

/// The text up to the first `separator`; `rest` moves behind it (empty at the end).
std::string_view take_until(std::string_view& rest, char separator);

/// A whole decimal number, white space around it allowed.
std::optional<std::uint64_t> decimal(std::string_view text);

/// Exactly N bytes written as hexadecimal digits, with any of ":-. {}" between or around them.
template <std::size_t N>
std::optional<std::array<std::uint8_t, N>> hex_bytes(std::string_view text);

extern template std::optional<std::array<std::uint8_t, 6>> hex_bytes<6>(std::string_view);
extern template std::optional<std::array<std::uint8_t, 8>> hex_bytes<8>(std::string_view);
extern template std::optional<std::array<std::uint8_t, 16>> hex_bytes<16>(std::string_view);
extern template std::optional<std::array<std::uint8_t, 20>> hex_bytes<20>(std::string_view);

}  // namespace latchkey::hwid
