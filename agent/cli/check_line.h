#pragma once

// One line for a monitoring system (the plugin interface that Nagios, Icinga, Checkmk and others
// share): a level, a sentence, performance data. Pure.

#include <string>

#include "agent/cli/document.h"
#include "agent/cli/outlook.h"
#include "base/problem.h"
#include "base/time.h"

namespace latchkey::cli {

struct CheckLine {
    Level level = Level::unknown;
    std::string text;      ///< without the level, '|' or line breaks
    std::string perfdata;  ///< may be empty
};

/// Of everything: the level is the agent's own judgement ("overall").
CheckLine check_all(View status, WallTime now);

/// Of one product: the agent's own judgement of it, and of what its health says about it. Licensed
/// is OK, WARNING within 20 days of a lease's end; a grace (OK on a lab machine with more than 7
/// days or a rearm left), a hold or no license is WARNING; an ended grace CRITICAL.
CheckLine check_product(View status, View product, WallTime now);

CheckLine check_failed(const Problem& problem);

/// "LATCHKEY OK - text | perfdata\n"
std::string line_text(const CheckLine& line);

}  // namespace latchkey::cli
