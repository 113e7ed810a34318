// Requests: an intent is durable before it is sent and stays until its answer is durable. The one
// that may already have spent something always comes first.

#include "agent/core/backoff.h"
#include "agent/core/turn.h"

namespace latchkey::core {
namespace {

Intent make_activation(const Turn& turn, const event::ActivationDecided& event) {
    return Intent{.kind = IntentKind::activate,
                  .idempotency_key = event.idempotency_key,
                  .body = event.body,
                  .license_id = {},
                  .max_count = event.max_count,
                  .created_at = turn.now(),
                  .asked_by_hand = event.by_hand,
                  .product_key = event.product_key,
                  .awaiting_answer = false,
                  .may_have_arrived = false};
}

Intent make_license_request(const Turn& turn, IntentKind kind, const std::string& body,
                            const std::string& idempotency_key) {
    return Intent{.kind = kind,
                  .idempotency_key = idempotency_key,
                  .body = body,
                  .license_id = turn.state.license ? turn.state.license->id : std::string(),
                  .max_count = 0,
                  .created_at = turn.now(),
                  .asked_by_hand = kind == IntentKind::release,
                  .product_key = {},
                  .awaiting_answer = false,
                  .may_have_arrived = false};
}

/// The pending request already asks for all that this one does.
bool covers(const Intent& pending, const Intent& wish) {
    return pending.kind == wish.kind && pending.product_key == wish.product_key &&
           pending.max_count >= wish.max_count;
}

void start(Turn& turn, Intent intent) {
    auto& state = turn.state;
    // A key that was never installed before is remembered at once; one that would replace the key
    // of a license only when its own license arrives (rule C7: a refusal changes nothing).
    if (intent.kind == IntentKind::activate && !state.license)
        state.product_key = intent.product_key;
    state.intent = std::move(intent);
    state.retry_position = 0;
    send_intent(turn);
}

/// An admin asked while another request may have spent something: that one is sent now, the wish
/// waits for its answer.
void queue_behind_pending(Turn& turn, Intent wish) {
    auto& state = turn.state;
    if (!covers(*state.intent, wish)) {
        state.queued = std::move(wish);
        report(turn, "request_queued",
               "An earlier request is not answered yet and is resolved first.");
    }
    if (!state.intent->awaiting_answer) send_intent(turn);
}

/// Activating with the key of a license whose release never left this machine takes that back.
bool takes_back_release(const ProductState& state, const event::ActivationDecided& wish) {
    const auto& pending = state.intent;
    return wish.by_hand && pending && pending->kind == IntentKind::release &&
           pending->never_left() && wish.product_key == state.product_key;
}

bool is_unsent_activation(const std::optional<Intent>& pending) {
    return pending && pending->kind == IntentKind::activate && pending->never_left();
}

/// The newest word of an administrator wins over a request that was never sent.
void withdraw(Turn& turn, std::string_view event, std::string detail) {
    auto& state = turn.state;
    state.intent.reset();
    state.queued.reset();
    state.retry_position = 0;
    schedule_idle(turn);
    report(turn, event, std::move(detail));
}

void withdraw_activation(Turn& turn) {
    withdraw(turn, "activation_withdrawn", "It was never sent: nothing was spent.");
}

}  // namespace

bool may_not_spend(const ProductState& state, const Policy& policy) {
    const bool spends = policy.role != Role::lab && state.status != ProductStatus::not_required;
    return !spends && is_unsent_activation(state.intent);
}

bool withdraw_what_may_not_spend(Turn& turn) {
    if (!may_not_spend(turn.state, turn.policy)) return false;
    withdraw_activation(turn);
    return true;
}

void clear_hold(ProductState& state) {
    state.held = false;
    state.held_code.clear();
    state.held_key.clear();
}

void send_intent(Turn& turn) {
    auto& intent = *turn.state.intent;
    // Sent before, and nobody recorded how that ended.
    if (intent.awaiting_answer) intent.may_have_arrived = true;
    intent.awaiting_answer = true;
    turn.state.next_attempt_at = turn.now() + turn.policy.answer_wait;
    turn.effects.push_back(effect::SendIntent{});
}

void promote_queued(Turn& turn) {
    auto& state = turn.state;
    if (state.intent || !state.queued) return;
    Intent next = std::move(*state.queued);
    state.queued.reset();
    if (next.kind == IntentKind::activate && turn.policy.role == Role::lab) return;
    if (next.kind != IntentKind::activate) {
        if (!state.license) return;
        next.license_id = state.license->id;
    }
    start(turn, std::move(next));
}

bool wants_reactivation(const ProductState& state, const Policy& policy) {
    return state.license && state.drifted && !state.revoked && !state.suspected_clone &&
           !state.held && !state.intent && !state.product_key.empty() &&
           state.status != ProductStatus::not_required && policy.role != Role::lab;
}

void schedule_idle(Turn& turn) {
    auto& state = turn.state;
    if (state.intent) return;
    state.next_attempt_at.reset();
    if (!state.license || state.status == ProductStatus::not_required) return;
    if (wants_reactivation(state, turn.policy))
        push_by_ladder(turn, std::nullopt);
    else
        state.next_attempt_at = state.renew_at;
}

void push_by_ladder(Turn& turn, std::optional<Duration> retry_after) {
    auto& state = turn.state;
    const auto random = turn.moment.random;
    Duration wait = retry_delay(state.retry_position, retry_after, random, turn.policy);
    const bool runs_out = in_grace(state.status) && state.grace && !state.grace->frozen;
    if (runs_out && !retry_after)
        wait = wait_within_grace(wait, state.grace->ends_at - turn.now(), random, turn.policy);
    state.next_attempt_at = turn.now() + wait;
    if (state.retry_position < static_cast<int>(kRetryLadder.size())) ++state.retry_position;
}

void on(Turn& turn, const event::ActivationDecided& event) {
    auto& state = turn.state;
    if (turn.policy.role == Role::lab)
        return refuse(turn, Code::lab_mode, "A lab machine does not spend activations.");
    if (state.status == ProductStatus::not_required)
        return refuse(turn, Code::activation_not_required, "Nothing was sent.");
    if (takes_back_release(state, event)) {
        withdraw(turn, "release_withdrawn", "The license is kept: its release was never sent.");
        if (license_in_force(state, turn.now())) return;
    }
    Intent wish = make_activation(turn, event);
    if (event.by_hand && is_unsent_activation(state.intent) && !covers(*state.intent, wish))
        withdraw_activation(turn);
    if (!state.intent) {
        clear_hold(state);
        return start(turn, std::move(wish));
    }
    // The configuration asks again by itself once the pending request is answered.
    if (event.by_hand) queue_behind_pending(turn, std::move(wish));
}

/// Only what provably never reached the key server may still change: it is sent to the letter
/// afterwards.
void on(Turn& turn, const event::ActivationProven& event) {
    auto& pending = turn.state.intent;
    if (!pending || pending->kind != IntentKind::activate || pending->may_have_arrived ||
        pending->idempotency_key != event.idempotency_key)
        return;
    pending->body = event.body;
}

void on(Turn& turn, const event::ActivationHeld& event) {
    auto& state = turn.state;
    if (turn.policy.role == Role::lab || state.status == ProductStatus::not_required) return;
    if (state.intent && state.intent->kind == IntentKind::activate) return;
    const std::string code(info(event.why).name);
    if (state.held && state.held_code == code && state.held_key == event.product_key) return;
    state.held = true;
    state.held_code = code;
    state.held_key = event.product_key;
    if (!state.license) state.product_key = event.product_key;
    schedule_idle(turn);
    report(turn, "activation_held", std::string(info(event.why).title), code);
}

void on(Turn& turn, const event::RenewalDecided& event) {
    auto& state = turn.state;
    if (!state.license || state.intent || state.status == ProductStatus::not_required) return;
    start(turn, make_license_request(turn, IntentKind::renew, event.body, event.idempotency_key));
}

void on(Turn& turn, const event::ReleaseDecided& event) {
    auto& state = turn.state;
    const bool asks_for_one = state.intent && state.intent->kind == IntentKind::activate;
    if (!state.license && !asks_for_one)
        return refuse(turn, Code::not_activated, "There is no license to give up here.");
    if (is_unsent_activation(state.intent)) {
        withdraw_activation(turn);
        state.deactivated = true;
        if (!state.license) return state.product_key.clear();
    }
    Intent wish =
        make_license_request(turn, IntentKind::release, event.body, event.idempotency_key);
    if (!state.intent) return start(turn, std::move(wish));
    queue_behind_pending(turn, std::move(wish));
}

}  // namespace latchkey::core
