#pragma once

// How well the same-machine decision does, beside the simpler ways: a rate and its bounds for each
// set of real pairs and each scenario.

#include <array>
#include <string>
#include <vector>

#include "tests/identity/dataset.h"
#include "tests/identity/rates.h"

namespace latchkey::identity {

enum class Method { ours, majority, seven_points };
inline constexpr std::size_t kMethodCount = 3;

/// One question to a set of pairs: "how many of them were counted?"
struct Measure {
    std::string set;
    std::string what;  ///< "false accepts", "counted although the same", …
    std::array<Tally, kMethodCount> by;
    bool only_ours = false;     ///< the others know no third verdict
    std::optional<double> bar;  ///< at most this rate, or at least it where `at_least`
    bool at_least = false;

    bool met() const;
};

struct Report {
    std::vector<Measure> measures;
    std::size_t pairs = 0;
    std::size_t left_out = 0;
    bool met() const;
};

Report measure(const Dataset& data);

std::string as_text(const Report& report);
std::string as_json(const Report& report);

}  // namespace latchkey::identity
