// The herd uses the product's scheduler; small herds say what large ones do.

#include <gtest/gtest.h>

#include "agent/core/backoff.h"
#include "tests/simulator/herd.h"

namespace latchkey::simulator {
namespace {

TEST(Herd, the_formula_and_the_ladder_agree_on_six_hours) {
    EXPECT_DOUBLE_EQ(formula(minutes{15}, hours{2}, hours{6}), 8.0);
    EXPECT_EQ(cap_within(hours{6}), Duration{hours{4}});
    EXPECT_DOUBLE_EQ(formula(minutes{15}, cap_within(hours{6}), hours{6}), ladder_peak(hours{6}));
}

TEST(Herd, after_six_hours_stays_under_the_formula) {
    HerdOptions options;
    options.agents = 300'000;
    const auto figures = run_herd(options);
    EXPECT_NEAR(figures.rate, options.agents / (7.7 * 86'400), 0.05 * figures.rate);
    EXPECT_GT(figures.peak, 3 * figures.rate) << "an outage is felt, or nothing was simulated";
    EXPECT_LE(figures.peak, 1.2 * 8 * figures.rate);
    EXPECT_LE(figures.peak, 12 * figures.rate);
    EXPECT_LE(figures.echo, 2 * figures.rate) << "one renewal later nobody remembers it";
}

TEST(Herd, without_an_outage_nobody_fails) {
    HerdOptions options;
    options.agents = 20'000;
    options.outage = Duration{0};
    EXPECT_EQ(run_herd(options).failed, 0u);
}

TEST(Herd, a_boot_contacts_nobody_unless_something_is_due) {
    EXPECT_EQ(contacts_of_boots(2'000, false), 0u);
    EXPECT_EQ(contacts_of_boots(2'000, true), 2'000u);
}

TEST(Herd, a_network_that_comes_back_is_not_stormed) {
    EXPECT_LT(network_change_peak(1, 30'000), 1.2);
}

}  // namespace
}  // namespace latchkey::simulator
