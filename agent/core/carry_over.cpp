#include "agent/core/carry_over.h"

#include "agent/core/step.h"

namespace latchkey::core {

std::optional<ProductState> carried_over(ProductState state) {
    if (!state.license) return std::nullopt;
    state.intent.reset();
    state.queued.reset();
    state.held = false;
    state.held_code.clear();
    state.held_key.clear();
    state.rearms_used = 0;
    state.tpm.reset();
    state.first_used_at.reset();
    state.last_attempt.reset();
    state.retry_position = 0;
    state.next_attempt_at = state.renew_at;
    return state;
}

Grace told_in(Grace grace, const TimeLedger& from, const TimeLedger& to) {
    if (grace.frozen) return grace;
    follow_corrected_clock(
        grace, {.now = from.proven, .charged = from.charged, .scale_set = from.scale_set});
    grace.scale_set = to.scale_set;
    // What `to` proved beyond `from` may be corrected, and moves nothing here then.
    grace.off_clock = from.proven.time_since_epoch() - to.charged;
    return grace;
}

}  // namespace latchkey::core
