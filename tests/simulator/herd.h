#pragma once

// Ten million agents and one key server that was away: when do they all come? Each agent is its
// next moment and its place on the ladder; when it comes is the product's own decision
// (agent/core/backoff.h), never a copy of it.

#include <cstdint>
#include <vector>

#include "base/time.h"

namespace latchkey::simulator {

struct HerdOptions {
    std::uint64_t seed = 1;
    std::uint32_t agents = 1'000'000;
    Duration outage = hours{6};
    Duration renewal = Days{7};     ///< what the key server's licenses say
    Duration window = Days{7} / 5;  ///< and how long their renewal window is
    Duration before = Days{10};     ///< watched before the outage
    Duration after = Days{12};      ///< and after it
};

struct HerdFigures {
    double rate = 0;  ///< lambda: arrivals a second in the days before
    double peak = 0;  ///< arrivals a second in the worst five minutes from the outage's end on
    double mean_after = 0;  ///< over the hours until the backlog was served
    double echo = 0;        ///< the worst five minutes one renewal later
    std::uint64_t attempts = 0;
    std::uint64_t failed = 0;
    Duration recovered{0};  ///< after the end, until 99.9 % of those that had failed were answered
};

HerdFigures run_herd(const HerdOptions& options);

/// What the published formula says, in lambdas: 1 + log2(C/b) + 2(D-C)/C for an outage of D, a
/// first wait of b that doubles, and a cap of C.
double formula(Duration first, Duration cap, Duration outage);
/// What the product's own ladder says: those who come anew, and those of each rung that ends within
/// the outage.
double ladder_peak(Duration outage);
/// The longest wait that an agent has reached when the outage ends: the cap that the ladder has
/// then.
Duration cap_within(Duration outage);

/// So many agents are booted at once, and none has anything due: how many contact the key server?
std::uint64_t contacts_of_boots(std::uint32_t agents, bool due);
/// So many agents whose request waits get a network at once: the worst minute of the quarter of an
/// hour in which they come, to its mean.
double network_change_peak(std::uint64_t seed, std::uint32_t agents);

}  // namespace latchkey::simulator
