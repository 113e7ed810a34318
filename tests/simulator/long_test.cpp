// Forty device-years, one world of which loses its key server for two hundred days.

#include <gtest/gtest.h>

#include "tests/simulator/report.h"

namespace latchkey::simulator {
namespace {

TEST(LongWorld, forty_device_years_with_faults_break_no_rule) {
    Options options;
    options.seed = 2026;
    options.device_years = 40;
    const auto tally = run_worlds(options);
    ASSERT_TRUE(tally.violations.empty())
        << tally.violations.front().machine << ": " << tally.violations.front().rule << ": "
        << tally.violations.front().what;
    EXPECT_GE(tally.states.size(), 8u) << "every state was lived in";
}

}  // namespace
}  // namespace latchkey::simulator
