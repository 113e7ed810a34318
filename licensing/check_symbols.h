#pragma once

// The two check symbols of a product key: a Reed-Solomon code [25,23] over GF(32) (primitive
// polynomial x^5+x^2+1) with the roots 1 and a. Its distance is 3, so no change of one or two
// symbols leads from one valid key to another; a swap of neighbours is such a change. Internal to
// licensing/; product_key_test.cpp proves the distance by trying every pattern.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace latchkey::licensing::check {

inline constexpr std::size_t kSymbols = 25;
using Symbols = std::array<std::uint8_t, kSymbols>;  ///< 0..31 each

/// Both parts are zero for a codeword and for nothing else.
struct Syndrome {
    std::uint8_t plain = 0;     ///< sum of the symbols
    std::uint8_t weighted = 0;  ///< sum of the symbols times a^(24 - position)

    bool fits() const { return plain == 0 && weighted == 0; }
    friend bool operator==(const Syndrome&, const Syndrome&) = default;
};

Syndrome syndrome(const Symbols& symbols);

/// Overwrites the last two symbols so that the whole fits.
void complete(Symbols& symbols);

/// A slip that would explain why the symbols do not fit: one wrong symbol (first == last) or two
/// swapped neighbours.
struct Slip {
    std::size_t first = 0;
    std::size_t last = 0;
};

/// Every single slip that explains the syndrome; empty where more than one must have happened.
std::vector<Slip> likely_slips(const Symbols& symbols);

}  // namespace latchkey::licensing::check
