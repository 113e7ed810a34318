#pragma once

// Structures as Windows' drivers write them, put together byte by byte.

#include <cstdint>
#include <string_view>
#include <vector>

namespace latchkey::platform {

class AnswerBytes {
public:
    AnswerBytes& byte(std::uint32_t value) { return number(value, 1); }
    AnswerBytes& word(std::uint32_t value) { return number(value, 2); }
    AnswerBytes& dword(std::uint32_t value) { return number(value, 4); }
    AnswerBytes& text(std::string_view value) {
        bytes_.insert(bytes_.end(), value.begin(), value.end());
        return *this;
    }
    AnswerBytes& pad_to(std::size_t size) {
        bytes_.resize(size);
        return *this;
    }
    const std::vector<std::uint8_t>& bytes() const { return bytes_; }

private:
    AnswerBytes& number(std::uint32_t value, int size) {
        for (int i = 0; i < size; ++i) bytes_.push_back(static_cast<std::uint8_t>(value >> 8 * i));
        return *this;
    }

    std::vector<std::uint8_t> bytes_;
};

}  // namespace latchkey::platform
