#pragma once

// The state machine of one product: a pure function, total over state x event (docs/lifecycle.md is
// generated from its table in tests). Nothing here reads a clock, a file or a random generator.

#include <optional>

#include "agent/core/effect.h"
#include "agent/core/event.h"
#include "agent/core/moment.h"
#include "agent/core/policy.h"
#include "agent/core/state.h"
#include "base/result.h"

namespace latchkey::core {

struct Step {
    ProductState state;
    Effects effects;
    /// Set where the event is refused (a rearm with none left): nothing but this problem came of
    /// it; `state` is unchanged.
    std::optional<Problem> refused;
};

Step step(ProductState state, const Event& event, const Moment& moment, const Policy& policy);

/// The graces and deadlines of a row, moved along where the clock was corrected since it was
/// written. `step` does this first; use it before showing a row.
void follow_corrected_clock(ProductState& state, const Moment& moment);
void follow_corrected_clock(Grace& grace, const Moment& moment);

/// First of all for a freshly read row: a request that was out when the agent ended may have
/// arrived, however its next attempt ends.
void remember_unanswered(ProductState& state);

/// What a freshly read row still wants done (after a start or a crash).
Effects pending_effects(const ProductState& state, const Moment& moment, const Policy& policy);

/// The next instant at which something is due; none: nothing ever is. The timer that wakes us is
/// set from this alone.
std::optional<ServerTime> next_due(const ProductState& state, const Moment& moment,
                                   const Policy& policy);

}  // namespace latchkey::core
