#include <cstdio>

#include "agent/core/policy.h"
#include "tests/simulator/herd.h"
#include "tests/simulator/report.h"

namespace latchkey::simulator {
namespace {

bool row(const char* what, double goal, double measured, const char* unit = "") {
    const bool met = measured <= goal;
    std::printf("  %-62s goal %6.2f%s  measured %6.2f%s  %s\n", what, goal, unit, measured, unit,
                met ? "met" : "NOT MET");
    return met;
}

}  // namespace

bool print_herd(std::uint64_t seed, std::uint32_t agents) {
    constexpr double kShare = 1.2;
    HerdOptions options;
    options.seed = seed;
    options.agents = agents;
    const auto long_one = run_herd(options);
    const Duration first = core::kRetryLadder[0];
    const Duration cap = cap_within(options.outage);
    const double predicted = formula(first, cap, options.outage);
    std::printf("herd of %u agents, renewal 7 d to 8.4 d, key server away for 6 h\n", agents);
    std::printf(
        "  arrivals before %.2f/s (lambda); after the outage peak %.2f/s, mean %.2f/s over "
        "the %.1f h until all were served; echo a week later %.2f/s\n",
        long_one.rate, long_one.peak, long_one.mean_after,
        static_cast<double>(long_one.recovered.count()) / 3'600'000.0, long_one.echo);
    std::printf(
        "  1 + log2(C/b) + 2(D-C)/C: %.2f with C = 2 h; %.2f with the ladder's own longest "
        "wait then, C = %.0f h; waves by the ladder itself %.0f\n",
        formula(first, hours{2}, options.outage), predicted,
        static_cast<double>(cap.count()) / 3'600'000.0, ladder_peak(options.outage));
    const double peak = long_one.peak / long_one.rate;
    bool met =
        row("peak / lambda, to 1.2x the formula with the ladder's cap", kShare * predicted, peak);
    met &= row("peak / lambda, to 1.2x the formula with C = 2 h",
               kShare * formula(first, hours{2}, options.outage), peak);
    met &= row("peak / lambda after the outage", 12, peak);
    met &= row("echo / lambda one renewal later", 2, long_one.echo / long_one.rate);

    options.agents = 100'000;
    options.outage = hours{1};
    const auto short_one = run_herd(options);
    met &= row("100,000 agents after an hour's outage: peak / mean until served", 3,
               short_one.peak / short_one.mean_after);
    std::printf("  %-62s              measured %6.2f\n", "the same: peak / lambda",
                short_one.peak / short_one.rate);
    met &= row("100,000 agents get a network at once: worst minute / mean", 3,
               network_change_peak(seed, 100'000));
    met &= row("100,000 boots with nothing due: contacts", 0,
               static_cast<double>(contacts_of_boots(100'000, false)));
    return met;
}

}  // namespace latchkey::simulator
