#pragma once

// A rate with the bounds that so many observations allow.

#include <cstdint>

namespace latchkey::identity {

struct Interval {
    double low = 0;
    double high = 1;
};

struct Tally {
    std::int64_t hits = 0;
    std::int64_t total = 0;

    void add(bool hit) {
        hits += hit;
        ++total;
    }
    double rate() const;
    /// Wilson's score interval at 95 %; sensible for 0 of n, unlike the normal one. All of [0, 1]
    /// where nothing was seen.
    Interval bounds() const;
};

}  // namespace latchkey::identity
