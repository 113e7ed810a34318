#pragma once

// Every way to damage a text that a signature must notice, handed one by one to a check.

#include <cstddef>
#include <string>

namespace latchkey::licensing {

/// How thoroughly bytes are damaged: the bit flipped in a byte goes round where one is enough.
enum class Flips { every_bit, one_bit_a_byte };

/// Each proper prefix, each byte with a bit flipped, dropped and doubled, and the text with
/// something behind it. `damaged(text)` says whether it was (wrongly) accepted; the first such text
/// is returned, empty if all were refused. `tried` counts them.
template <class Accepts>
std::string first_damage_accepted(const std::string& text, Accepts accepts, std::size_t* tried,
                                  Flips flips = Flips::one_bit_a_byte) {
    const auto bad = [&](const std::string& damaged) {
        ++*tried;
        return damaged != text && accepts(damaged);
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (const auto cut = text.substr(0, i); bad(cut)) return cut + " (cut)";
        for (unsigned bit = 0; bit < 8; ++bit) {
            if (flips == Flips::one_bit_a_byte && bit != i % 8) continue;
            auto flipped = text;
            flipped[i] = static_cast<char>(static_cast<unsigned char>(flipped[i]) ^ (1u << bit));
            if (bad(flipped)) return flipped + " (flipped)";
        }
        auto dropped = text;
        dropped.erase(i, 1);
        if (bad(dropped)) return dropped + " (dropped)";
        auto doubled = text;
        doubled.insert(i, 1, text[i]);
        if (bad(doubled)) return doubled + " (doubled)";
    }
    for (const char* tail : {".", "=", "A", " ", "\n", ".A"})
        if (bad(text + tail)) return text + tail + " (longer)";
    return {};
}

}  // namespace latchkey::licensing
