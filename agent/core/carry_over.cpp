#include "agent/core/carry_over.h"

namespace latchkey::core {

std::optional<ProductState> carried_over(ProductState state) {
    if (!state.license) return std::nullopt;
    state.intent.reset();
    state.queued.reset();
    state.held = false;
    state.held_code.clear();
    state.held_key.clear();
    state.rearms_used = 0;
    state.first_used_at.reset();
    state.last_attempt.reset();
    state.retry_position = 0;
    state.next_attempt_at = state.renew_at;
    return state;
}

}  // namespace latchkey::core
