#include "agent/core/step.h"

#include <algorithm>

#include "agent/core/backoff.h"
#include "agent/core/turn.h"

namespace latchkey::core {
namespace {

/// What the second copy holds of a row (store/anchor).
bool second_copy_differs(const ProductState& a, const ProductState& b) {
    return a.grace != b.grace || a.status != b.status || a.rearms_used != b.rearms_used ||
           a.grace_granted != b.grace_granted || a.lease_sequence != b.lease_sequence ||
           a.deactivated != b.deactivated || a.tpm != b.tpm;
}

/// No renewal lies further ahead than this, unless a wrong clock put it there.
ServerTime latest_renewal(const ProductState& state, ServerTime now, const Policy& policy) {
    const bool perpetual = state.license->kind == licensing::LicenseKind::perpetual;
    const ServerTime latest =
        now + (perpetual ? policy.perpetual_recheck : policy.renewal_interval);
    return std::max(latest, state.license->renew_before.value_or(latest));
}

/// A deadline that a wrong clock put into the far future must not starve its timer.
void pull_in_starved_timers(Turn& turn) {
    auto& state = turn.state;
    if (state.license && state.renew_at)
        state.renew_at = std::min(*state.renew_at, latest_renewal(state, turn.now(), turn.policy));
    if (state.ledger.ask_at)
        state.ledger.ask_at =
            std::min(*state.ledger.ask_at, turn.now() + longest_retry_delay(turn.policy));
    if (!state.next_attempt_at) return;
    const ServerTime latest_retry = turn.now() + longest_retry_delay(turn.policy);
    const bool retries = state.intent || wants_reactivation(state, turn.policy);
    state.next_attempt_at = std::min(
        *state.next_attempt_at,
        retries ? latest_retry : std::max(latest_retry, state.renew_at.value_or(latest_retry)));
}

/// Is the key server to be asked some time?
bool asks(const ProductState& state) {
    return state.intent || (state.license && state.status != ProductStatus::not_required);
}

/// Whatever row was found, what has to be asked is asked some time.
void schedule_what_nobody_did(Turn& turn) {
    auto& state = turn.state;
    if (!asks(state) || state.next_attempt_at) return;
    state.next_attempt_at = state.intent ? std::nullopt : state.renew_at;
    if (!state.next_attempt_at) push_by_ladder(turn, std::nullopt);
}

void consider(std::optional<ServerTime>& earliest, std::optional<ServerTime> candidate) {
    if (candidate && (!earliest || *candidate < *earliest)) earliest = candidate;
}

bool due(const std::optional<ServerTime>& at, ServerTime now) { return at && *at <= now; }

}  // namespace

void follow_corrected_clock(Grace& grace, const Moment& moment) {
    if (grace.frozen) return;
    const Duration up = moment.scale_set - grace.scale_set;
    grace.started_at += up;
    grace.ends_at += up;
    grace.off_clock += up;
    grace.scale_set += up;
    const Duration down = std::max(grace.off_clock - moment.off_clock(), Duration{0});
    grace.started_at -= down;
    grace.ends_at -= down;
    grace.off_clock -= down;
}

void follow_corrected_clock(ProductState& state, const Moment& moment) {
    if (state.grace) follow_corrected_clock(*state.grace, moment);
}

Step step(ProductState state, const Event& event, const Moment& moment, const Policy& policy) {
    Turn turn{state, moment, policy, {}, {}};
    follow_corrected_clock(turn.state, moment);
    pull_in_starved_timers(turn);
    std::visit([&turn](const auto& e) { on(turn, e); }, event);
    if (turn.refused) return {std::move(state), {}, std::move(turn.refused)};
    settle(turn);
    settle_ledger(turn);
    schedule_what_nobody_did(turn);
    schedule_reminder(turn, state.status);
    if (second_copy_differs(state, turn.state)) turn.effects.push_back(effect::WriteSecondCopy{});
    return {std::move(turn.state), std::move(turn.effects), std::nullopt};
}

void remember_unanswered(ProductState& state) {
    if (state.intent && state.intent->awaiting_answer) state.intent->may_have_arrived = true;
}

Effects pending_effects(const ProductState& state, const Moment& moment, const Policy& policy) {
    Effects effects{effect::WriteSecondCopy{}};
    if (has_grace_to_report(state, policy) && due(state.ledger.ask_at, moment.now))
        effects.push_back(effect::AskLedger{});
    if (state.intent) {
        const bool goes = state.intent->awaiting_answer || due(state.next_attempt_at, moment.now);
        if (goes && !may_not_spend(state, policy)) effects.push_back(effect::SendIntent{});
        return effects;
    }
    if (!state.license || state.status == ProductStatus::not_required) return effects;
    if (wants_reactivation(state, policy)) {
        if (due(state.next_attempt_at, moment.now))
            effects.push_back(effect::PrepareReactivation{});
    } else if (due(state.renew_at, moment.now)) {
        effects.push_back(effect::PrepareRenewal{});
    }
    return effects;
}

std::optional<ServerTime> next_due(const ProductState& state, const Moment& moment,
                                   const Policy& policy) {
    ProductState seen = state;
    follow_corrected_clock(seen, moment);
    std::optional<ServerTime> earliest;
    if (asks(seen)) consider(earliest, seen.next_attempt_at);
    if (has_grace_to_report(seen, policy)) consider(earliest, seen.ledger.ask_at);
    if (in_grace(seen.status) && seen.grace && !seen.grace->frozen)
        consider(earliest, seen.grace->ends_at);
    if (seen.status == ProductStatus::licensed && seen.license)
        consider(earliest, seen.license->expires_at);
    consider(earliest, seen.reminder_due_at);
    // A wrong clock's deadline is found at the next look, which is never further away than this.
    if (earliest) earliest = std::min(*earliest, moment.now + longest_retry_delay(policy));
    return earliest;
}

}  // namespace latchkey::core
