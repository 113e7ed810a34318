#include "licensing/check_symbols.h"

namespace latchkey::licensing::check {
namespace {

constexpr int kOrder = 31;  // of the multiplicative group of GF(32)

struct Field {
    std::array<std::uint8_t, kOrder> power{};  // a^i
    std::array<std::uint8_t, 32> log{};        // of 1..31
};

constexpr Field make_field() {
    Field field;
    unsigned value = 1;
    for (unsigned i = 0; i < kOrder; ++i) {
        field.power[i] = static_cast<std::uint8_t>(value);
        field.log[value] = static_cast<std::uint8_t>(i);
        value <<= 1;
        if (value & 0x20) value ^= 0x25;  // x^5 = x^2 + 1
    }
    return field;
}

constexpr Field kField = make_field();

constexpr std::uint8_t times_power(std::uint8_t value, std::size_t exponent) {
    if (value == 0) return 0;
    return kField.power[(kField.log[value] + exponent) % kOrder];
}

constexpr std::uint8_t divide(std::uint8_t value, std::uint8_t by) {
    return times_power(value, static_cast<std::size_t>(kOrder - kField.log[by]));
}

constexpr std::size_t exponent_of(std::size_t position) { return kSymbols - 1 - position; }

constexpr std::uint8_t kOnePlusA = 1 ^ 2;

}  // namespace

Syndrome syndrome(const Symbols& symbols) {
    Syndrome s;
    for (std::size_t i = 0; i < kSymbols; ++i) {
        s.plain = static_cast<std::uint8_t>(s.plain ^ symbols[i]);
        s.weighted =
            static_cast<std::uint8_t>(s.weighted ^ times_power(symbols[i], exponent_of(i)));
    }
    return s;
}

void complete(Symbols& symbols) {
    symbols[kSymbols - 2] = 0;
    symbols[kSymbols - 1] = 0;
    const Syndrome rest = syndrome(symbols);
    // c + d = plain and a*c + d = weighted, where + is exclusive or.
    const auto c = divide(static_cast<std::uint8_t>(rest.plain ^ rest.weighted), kOnePlusA);
    symbols[kSymbols - 2] = c;
    symbols[kSymbols - 1] = static_cast<std::uint8_t>(rest.plain ^ c);
}

std::vector<Slip> likely_slips(const Symbols& symbols) {
    const Syndrome s = syndrome(symbols);
    std::vector<Slip> slips;
    if (s.plain != 0 && s.weighted != 0) {
        const std::size_t exponent = kField.log[divide(s.weighted, s.plain)];
        if (exponent < kSymbols) slips.push_back({exponent_of(exponent), exponent_of(exponent)});
    }
    if (s.plain == 0 && s.weighted != 0) {
        for (std::size_t i = 0; i + 1 < kSymbols; ++i) {
            const auto difference = static_cast<std::uint8_t>(symbols[i] ^ symbols[i + 1]);
            if (times_power(divide(s.weighted, kOnePlusA), kOrder - exponent_of(i + 1)) ==
                difference)
                slips.push_back({i, i + 1});
        }
    }
    return slips;
}

}  // namespace latchkey::licensing::check
