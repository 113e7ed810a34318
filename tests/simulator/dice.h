#pragma once

// Everything random of a simulation comes from here, so that one seed tells one story. The numbers
// depend on nothing but the seed: no standard distribution, whose results differ between libraries.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/time.h"

namespace latchkey::simulator {

/// Mixes bits well (splitmix64's finisher).
constexpr std::uint64_t mix(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15ULL;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

constexpr std::uint64_t mix(std::uint64_t a, std::uint64_t b) { return mix(mix(a) ^ b); }

constexpr std::uint64_t fingerprint_of(std::string_view text, std::uint64_t start = 0) {
    std::uint64_t hash = 0xcbf29ce484222325ULL ^ start;
    for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3ULL;
    return hash;
}

class Dice {
public:
    explicit Dice(std::uint64_t seed) : state_(mix(seed)) {}

    std::uint64_t next() { return mix(++state_); }
    /// Uniform in [0, sides).
    std::uint64_t roll(std::uint64_t sides) { return sides == 0 ? 0 : next() % sides; }
    bool chance(double probability) { return unit() < probability; }
    /// Uniform in [0, 1).
    double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
    Duration between(Duration least, Duration most) {
        if (most <= least) return least;
        return least + Duration{static_cast<std::int64_t>(
                           roll(static_cast<std::uint64_t>((most - least).count())))};
    }
    /// Exponential: the wait for what happens once in `mean`.
    Duration wait(Duration mean) {
        const double draw = -std::log(1.0 - unit()) * static_cast<double>(mean.count());
        return Duration{static_cast<std::int64_t>(draw) + 1};
    }

private:
    std::uint64_t state_;
};

}  // namespace latchkey::simulator
