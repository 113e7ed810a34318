// Time and use: ticks, the network coming back, first use, rearm.

#include <algorithm>

#include "agent/core/backoff.h"
#include "agent/core/turn.h"

namespace latchkey::core {
namespace {

bool due(const std::optional<ServerTime>& at, ServerTime now) { return at && *at <= now; }

/// Asks for what is due. The runner answers with an event; if none comes, it is asked again.
void ask_for_due_work(Turn& turn) {
    auto& state = turn.state;
    if (!due(state.next_attempt_at, turn.now())) return;
    if (state.intent && withdraw_what_may_not_spend(turn)) return;
    if (state.intent) return send_intent(turn);
    if (!state.license || state.status == ProductStatus::not_required) return;
    if (wants_reactivation(state, turn.policy)) {
        push_by_ladder(turn, std::nullopt);
        turn.effects.push_back(effect::PrepareReactivation{});
    } else {
        // Drifted hardware is not renewed: it is looked at, because the old one may be back.
        state.next_attempt_at =
            turn.now() + (state.drifted ? turn.policy.drift_recheck : turn.policy.answer_wait);
        turn.effects.push_back(effect::PrepareRenewal{});
    }
}

void remind(Turn& turn) {
    auto& state = turn.state;
    if (!due(state.reminder_due_at, turn.now())) return;
    state.reminder_due_at = reminder_after(state, turn.now(), turn.policy);
    turn.effects.push_back(effect::Remind{});
}

/// A frozen grace was not used at all yet: restarting it would spend a rearm for nothing.
bool nothing_to_gain(const ProductState& state) { return state.grace && state.grace->frozen; }

void extend(Turn& turn) {
    auto& state = turn.state;
    if (state.revoked)
        return refuse(turn, Code::license_revoked,
                      "A rearm does not extend the notice of a revoked license.");
    if (nothing_to_gain(state)) return;
    if (rearms_left(state, turn.policy) == 0)
        return refuse(turn, Code::rearm_exhausted,
                      "All " + std::to_string(turn.policy.rearms) + " rearms are used.");
    book_tolerance(turn);
    start_grace(turn, ProductStatus::extended_grace, turn.policy.initial_grace);
    state.grace->frozen = true;
    state.grace_granted = true;
    state.first_used_at.reset();
    ++state.rearms_used;
    want_ledger(turn);
    count_grace(turn);
    report(turn, "rearmed",
           "The grace period restarts when the product is first used; " +
               std::to_string(rearms_left(state, turn.policy)) + " rearms are left.");
}

}  // namespace

void on(Turn& turn, const event::Tick&) {
    // What is due depends on the status, so the deadlines come first.
    settle(turn);
    ask_for_due_work(turn);
    ask_due_ledger(turn);
    remind(turn);
}

void on(Turn& turn, const event::NetworkChanged&) {
    auto& state = turn.state;
    const Duration wait = network_wait(turn.moment.random, turn.policy);
    if (state.ledger.ask_at && state.ledger.retry_position > 0)
        state.ledger.ask_at = std::min(*state.ledger.ask_at, turn.now() + wait);
    const bool answer_under_way = state.intent && state.intent->awaiting_answer;
    const bool overdue = state.intent || wants_reactivation(state, turn.policy) ||
                         (state.license && due(state.renew_at, turn.now()));
    if (answer_under_way || !overdue || !state.next_attempt_at) return;
    state.next_attempt_at = std::min(*state.next_attempt_at, turn.now() + wait);
}

void on(Turn& turn, const event::FirstUse&) {
    auto& state = turn.state;
    if (!state.first_used_at) state.first_used_at = turn.now();
    if (!state.grace || !state.grace->frozen) return;
    const auto kind = state.grace->kind;
    start_grace(turn, kind, state.grace->length);
    want_ledger(turn);
    report(turn, "grace_started", "The product was first used: its grace period runs now.");
}

void on(Turn& turn, const event::Rearm&) {
    switch (turn.state.status) {
        case ProductStatus::not_required:
            return refuse(turn, Code::activation_not_required,
                          "There is no grace period to restart.");
        case ProductStatus::licensed:
            return refuse(turn, Code::no_grace_period,
                          "The product is activated; no rearm was used.");
        case ProductStatus::unlicensed:
        case ProductStatus::initial_grace:
        case ProductStatus::out_of_tolerance_grace:
        case ProductStatus::non_genuine_grace:
        case ProductStatus::notification:
        case ProductStatus::extended_grace:
            return extend(turn);
    }
}

}  // namespace latchkey::core
