// Answers: the license, the release, and every way an attempt can fail.

#include <algorithm>

#include "agent/core/backoff.h"
#include "agent/core/turn.h"
#include "hwid/weights.h"

namespace latchkey::core {
namespace {

bool belongs_here(const ProductState& state, const licensing::License& license) {
    return license.publisher == state.publisher && license.product == state.product;
}

/// An answer that was overtaken: the server sent it before one that is already stored.
bool is_overtaken(const ProductState& state, const licensing::License& license) {
    return state.license && state.license->id == license.id &&
           license.lease_sequence < state.lease_sequence;
}

bool board_contradicts(const hwid::Fingerprint& before, const hwid::Fingerprint& after) {
    const auto result = hwid::match(before, after, hwid::default_weights());
    return result.anchors[static_cast<std::size_t>(hwid::Anchor::board)] ==
           hwid::AnchorState::contradicts;
}

/// docs/identity.md: an activation binds the license to what it was asked for; a renewal rolls the
/// matching baseline forward, but never across a contradiction of the board. The counting baseline
/// stays at the last counted activation. False: this license still belongs to the old hardware.
bool roll_baselines(ProductState& state, const event::LicenseReceived& event, bool renewal) {
    const bool counted = event.receipt && event.receipt->counted > 0;
    if (counted || !state.counting_baseline) state.counting_baseline = event.fingerprint;
    if (renewal && state.matching_baseline &&
        board_contradicts(*state.matching_baseline, event.fingerprint))
        return false;
    state.matching_baseline = event.fingerprint;
    return true;
}

void record_decision(ProductState& state, const licensing::Receipt& receipt) {
    state.last_decision =
        Decision{receipt.verdict, receipt.significant, receipt.counted,         receipt.rule,
                 receipt.reasons, receipt.at,          receipt.recent_reimages, receipt.continuity};
}

/// The key server confirmed this machine: every doubt and every grace is over.
void be_licensed(ProductState& state) {
    state.grace.reset();
    state.drifted = false;
    state.tolerance_used = Duration{0};
    if (state.status != ProductStatus::not_required) state.status = ProductStatus::licensed;
}

void clear_doubts(ProductState& state) {
    state.held = state.revoked = state.suspected_clone = state.deactivated = false;
    state.held_code.clear();
    state.held_key.clear();
}

void store_license(ProductState& state, const event::LicenseReceived& event, bool renewal) {
    state.license = event.license;
    state.license_jws = event.license_jws;
    state.lease_sequence = event.license.lease_sequence;
    state.grace_granted = true;
    if (!event.receipt_jws.empty()) state.receipt_jws = event.receipt_jws;
    if (event.receipt) record_decision(state, *event.receipt);
    if (state.intent && !state.intent->product_key.empty())
        state.product_key = state.intent->product_key;
    clear_doubts(state);
    if (roll_baselines(state, event, renewal)) be_licensed(state);
}

/// The wish that waited is fulfilled by what just arrived.
bool is_fulfilled(const Intent& answered, const Intent& queued) {
    return answered.kind == IntentKind::activate && queued.kind == IntentKind::activate &&
           answered.product_key == queued.product_key;
}

void end_intent(Turn& turn) {
    turn.state.intent.reset();
    turn.state.retry_position = 0;
    schedule_idle(turn);
}

void try_again_later(Turn& turn, const event::AttemptFailed& event) {
    auto& state = turn.state;
    if (state.intent) {
        state.intent->awaiting_answer = false;
        if (event.may_have_arrived) state.intent->may_have_arrived = true;
    }
    if (!state.intent && (!state.license || state.status == ProductStatus::not_required)) return;
    push_by_ladder(turn, event.retry_after);
}

void hold(ProductState& state, Code why, const std::string& product_key) {
    state.held = true;
    state.held_code = std::string(info(why).name);
    state.held_key = product_key;
}

/// The key server's word on a license it will not renew. What it does not say leaves the license
/// as it is: a lease ends by itself.
void judge_refused_renewal(Turn& turn, const Problem& problem) {
    if (problem.code == Code::license_revoked || problem.code == Code::key_blocked)
        give_up_license(turn, std::string(problem.title()));
    if (problem.code == Code::suspected_clone) mark_clone(turn);
    draw_renewal(turn);
}

void judge_refused_release(Turn& turn, const Problem& problem) {
    // The key server has nothing left to give up: it ended the license before, or does not know it.
    if (problem.code == Code::record_unknown || problem.code == Code::not_activated ||
        problem.code == Code::license_revoked)
        drop_license(turn);
}

void judge_refused_activation(Turn& turn, const Problem& problem, const std::string& product_key) {
    const bool admin_decides = problem.code == Code::would_count ||
                               problem.code == Code::evidence_insufficient ||
                               problem.code == Code::confirmation_required;
    if (admin_decides) hold(turn.state, problem.code, product_key);
}

void take_refusal(Turn& turn, const Problem& problem) {
    auto& state = turn.state;
    if (!state.intent) return schedule_idle(turn);
    const Intent refused = *state.intent;
    state.intent.reset();
    switch (refused.kind) {
        case IntentKind::activate:
            judge_refused_activation(turn, problem, refused.product_key);
            break;
        case IntentKind::renew:
            judge_refused_renewal(turn, problem);
            break;
        case IntentKind::release:
            judge_refused_release(turn, problem);
            break;
    }
    // Hardware that drifted asks again, ever more slowly; the ladder's place is kept for that.
    if (!wants_reactivation(state, turn.policy)) state.retry_position = 0;
    schedule_idle(turn);
    promote_queued(turn);
}

}  // namespace

/// Drawn once when a license arrives (or its renewal is refused), and persisted.
void draw_renewal(Turn& turn) {
    auto& state = turn.state;
    if (!state.license) return state.renew_at.reset();
    const auto& license = *state.license;
    const Duration interval = license.kind == licensing::LicenseKind::perpetual
                                  ? turn.policy.perpetual_recheck
                                  : turn.policy.renewal_interval;
    state.renew_at = next_renewal(turn.now(), license.renew_after, license.renew_before, interval,
                                  turn.moment.random, turn.policy);
}

void on(Turn& turn, const event::LicenseReceived& event) {
    auto& state = turn.state;
    if (!belongs_here(state, event.license)) {
        const Problem foreign{Code::signature_invalid,
                              "The key server answered with the license of another product.",
                              {}};
        return on(turn, event::AttemptFailed{foreign, false, std::nullopt});
    }
    const bool renewal = state.intent && state.intent->kind == IntentKind::renew;
    if (!is_overtaken(state, event.license)) store_license(state, event, renewal);
    if (state.intent && state.queued && is_fulfilled(*state.intent, *state.queued))
        state.queued.reset();
    state.last_attempt = Attempt{turn.now(), "ok", {}, {}};
    draw_renewal(turn);
    end_intent(turn);
    report(turn, renewal ? "renewed" : "activated",
           renewal ? "The license was renewed." : "The license arrived.");
    promote_queued(turn);
}

void on(Turn& turn, const event::ReleaseReceived& event) {
    auto& state = turn.state;
    if (!state.intent || state.intent->kind != IntentKind::release) return;
    state.last_attempt = Attempt{turn.now(), "ok", {}, {}};
    end_intent(turn);
    drop_license(turn);
    state.receipt_jws = event.receipt_jws;
    report(turn, "released", "The license on this machine was given up.");
    promote_queued(turn);
}

void on(Turn& turn, const event::AttemptFailed& event) {
    const auto& problem = event.problem;
    turn.state.last_attempt = Attempt{turn.now(), event.final ? "refused" : "failed",
                                      std::string(problem.name()), problem.detail};
    report(turn, event.final ? "refused" : "attempt_failed",
           std::string(problem.name()) + ": " + std::string(problem.title()), problem.name());
    event.final ? take_refusal(turn, problem) : try_again_later(turn, event);
}

}  // namespace latchkey::core
