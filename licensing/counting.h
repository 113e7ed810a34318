#pragma once

// Does this activation count? The heart of the project (rules C1-C6), pure and shared by agent, CLI
// and key server.

#include <string>

#include "hwid/match.h"
#include "licensing/program.h"

namespace latchkey::licensing {

struct CountDecision {
    int counted = 1;     ///< 0 or 1
    std::string reason;  ///< one sentence in the user's words: "Same machine, no significant
                         ///< hardware change: not counted."
};

/// A machine the key has never seen, or one that is `different` or `insufficient`, counts under
/// every rule (C1; what cannot be proved the same is counted, after the admin was asked).
CountDecision decide_count(CountingRule rule, hwid::Verdict verdict, bool significant,
                           bool changed_any);
CountDecision decide_count_new_machine();

}  // namespace latchkey::licensing
