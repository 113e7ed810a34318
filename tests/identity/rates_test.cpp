#include "tests/identity/rates.h"

#include <gtest/gtest.h>

namespace latchkey::identity {
namespace {

// Wilson 1927, as tabulated by Newcombe 1998: 81 of 263 gives 0.2553 to 0.3662, 0 of 20 gives 0 to
// 0.1611, 1 of 29 gives 0.0061 to 0.1718.
TEST(Rates, bounds_are_wilsons) {
    const auto near = [](Tally tally, double low, double high) {
        EXPECT_NEAR(tally.bounds().low, low, 0.0001);
        EXPECT_NEAR(tally.bounds().high, high, 0.0001);
    };
    near({81, 263}, 0.2553, 0.3662);
    near({0, 20}, 0, 0.1611);
    near({1, 29}, 0.0061, 0.1718);
    near({20, 20}, 0.8389, 1);
}

TEST(Rates, nothing_seen_bounds_nothing) {
    EXPECT_EQ(Tally{}.rate(), 0);
    EXPECT_EQ(Tally{}.bounds().low, 0);
    EXPECT_EQ(Tally{}.bounds().high, 1);
}

}  // namespace
}  // namespace latchkey::identity
