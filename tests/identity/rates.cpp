#include "tests/identity/rates.h"

#include <algorithm>
#include <cmath>

namespace latchkey::identity {

double Tally::rate() const {
    return total == 0 ? 0 : static_cast<double>(hits) / static_cast<double>(total);
}

Interval Tally::bounds() const {
    if (total == 0) return {};
    constexpr double kZ = 1.959963984540054;
    const double n = static_cast<double>(total);
    const double p = rate();
    const double scale = 1 + kZ * kZ / n;
    const double centre = (p + kZ * kZ / (2 * n)) / scale;
    const double half = kZ / scale * std::sqrt(p * (1 - p) / n + kZ * kZ / (4 * n * n));
    return {hits == 0 ? 0 : std::max(centre - half, 0.0),
            hits == total ? 1 : std::min(centre + half, 1.0)};
}

}  // namespace latchkey::identity
