#pragma once

// What happened in all worlds together, and what must not have.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/time.h"

namespace latchkey::simulator {

/// One rule that did not hold: where to find it again, and what had happened before.
struct Violation {
    int world = 0;
    Duration at{0};
    std::uint64_t step = 0;
    std::string machine;
    std::string rule;  ///< "once", "grace", ... (docs/simulator.md)
    std::string what;
    std::vector<std::string> story;
};

struct Tally {
    Duration lived{0};                              ///< of all machines together, on or off
    std::uint64_t events = 0;                       ///< of the queue
    std::map<std::string, std::uint64_t> happened;  ///< by kind: boots, activations, renewals
    std::map<std::string, std::uint64_t> faults;    ///< injected, by kind
    std::map<std::string, std::uint64_t> states;    ///< seen after an event, by name
    std::map<std::string, std::uint64_t> checks;    ///< invariants looked at, by rule
    std::vector<Violation> violations;
    std::uint64_t digest = 0;  ///< of every story
};

}  // namespace latchkey::simulator
