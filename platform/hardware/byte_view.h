#pragma once

// Little-endian numbers and texts of a structure that a driver filled in: nothing is ever read
// beyond the bytes that were given. Internal to platform/.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace latchkey::platform {

class ByteView {
public:
    explicit ByteView(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

    std::size_t size() const { return bytes_.size(); }
    std::optional<std::uint8_t> byte(std::size_t at) const {
        return at < bytes_.size() ? std::optional(bytes_[at]) : std::nullopt;
    }
    std::optional<std::uint16_t> word(std::size_t at) const { return number<std::uint16_t>(at); }
    std::optional<std::uint32_t> dword(std::size_t at) const { return number<std::uint32_t>(at); }
    /// As much of `length` bytes as there is.
    std::span<const std::uint8_t> part(std::size_t at, std::size_t length) const {
        if (at >= bytes_.size()) return {};
        const auto rest = bytes_.subspan(at);
        return length < rest.size() ? rest.first(length) : rest;
    }
    std::string_view text(std::size_t at, std::size_t length) const {
        const auto bytes = part(at, length);
        return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }
    /// Up to the first NUL or, where none comes, the end of the bytes.
    std::string_view terminated_text(std::size_t at) const {
        const auto rest = text(at, bytes_.size());
        return rest.substr(0, rest.find('\0'));
    }

private:
    template <class T>
    std::optional<T> number(std::size_t at) const {
        if (at > bytes_.size() || bytes_.size() - at < sizeof(T)) return std::nullopt;
        std::uint32_t value = 0;
        for (std::size_t i = sizeof(T); i > 0; --i) value = value << 8 | bytes_[at + i - 1];
        return static_cast<T>(value);
    }

    std::span<const std::uint8_t> bytes_;
};

}  // namespace latchkey::platform
