#pragma once

// A transaction that lost a race to another one (two that waited for each other, most likely) was
// rolled back and may simply be tried again, whole, from its first question on. This is the one
// place that does so.

#include "base/problem.h"
#include "keyserver/policy.h"
#include "licensing/messages.h"

namespace latchkey::keyserver {

inline Problem& problem_of(Problem& error) { return error; }
inline Problem& problem_of(licensing::ProblemDocument& error) { return error.problem; }

/// Runs `attempt`, which begins and commits one transaction and changes nothing else, until it did
/// not lose; kRaceAttempts times at most, then with Code::keyserver_unavailable.
template <class Attempt>
auto repeated(Attempt attempt) {
    for (int left = kRaceAttempts - 1;; --left) {
        auto outcome = attempt();
        if (outcome) return outcome;
        Problem& problem = problem_of(outcome.error());
        if (problem.code != Code::state_locked) return outcome;
        if (left > 0) continue;
        problem = {Code::keyserver_unavailable, "too many requests want the same record at once",
                   "Try again in a moment; an agent does so by itself."};
        return outcome;
    }
}

}  // namespace latchkey::keyserver
