#pragma once

// Base64url without padding (RFC 4648 section 5, as JOSE uses it) and lower-case hexadecimal.
// Decoding is strict: foreign characters, padding, wrong lengths and non-zero trailing bits are
// refused, so that one value has one spelling.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey {

using Bytes = std::vector<std::uint8_t>;

std::string base64url(std::span<const std::uint8_t> bytes);
std::optional<Bytes> from_base64url(std::string_view text);

std::string hex(std::span<const std::uint8_t> bytes);
std::optional<Bytes> from_hex(std::string_view text);

/// Views text as bytes, without a copy.
inline std::span<const std::uint8_t> as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace latchkey
