// The product and its machine: manifests, hardware, and what ends a license.

#include "agent/core/turn.h"

namespace latchkey::core {
namespace {

void grant_initial_grace(Turn& turn) {
    turn.state.grace_granted = true;
    start_grace(turn, ProductStatus::initial_grace, turn.policy.initial_grace);
    want_ledger(turn);
    count_grace(turn);
    report(turn, "grace_started", "The product is installed and not activated yet.");
}

void begin(Turn& turn) {
    if (!turn.state.grace_granted && !turn.state.deactivated) grant_initial_grace(turn);
}

/// A product that needed no activation needs one again: it continues where it was.
void resume(Turn& turn) {
    auto& state = turn.state;
    if (state.grace)
        state.status = state.grace->kind;
    else if (state.license)
        state.status = ProductStatus::licensed;
    else if (state.deactivated)
        state.status = ProductStatus::unlicensed;
    else if (state.grace_granted)
        state.status = ProductStatus::notification;
    else
        return grant_initial_grace(turn);
    schedule_idle(turn);
}

void need_no_activation(Turn& turn) {
    auto& state = turn.state;
    if (state.status == ProductStatus::not_required) return;
    state.status = ProductStatus::not_required;
    state.held = false;
    state.held_code.clear();
    state.held_key.clear();
    schedule_idle(turn);
    report(turn, "activation_not_required", "The product needs no activation.");
}

bool is_significant(const hwid::MatchResult& result) {
    switch (result.verdict) {
        case hwid::Verdict::same:
            return result.significant;
        case hwid::Verdict::different:
            return true;
        case hwid::Verdict::insufficient:
            break;
    }
    return false;
}

void start_notice(Turn& turn) {
    book_tolerance(turn);
    start_grace(turn, ProductStatus::non_genuine_grace, turn.policy.non_genuine_notice);
}

}  // namespace

void on(Turn& turn, const event::ManifestSeen& event) {
    if (!event.needs_activation) return need_no_activation(turn);
    switch (turn.state.status) {
        case ProductStatus::unlicensed:
            return begin(turn);
        case ProductStatus::not_required:
            return resume(turn);
        case ProductStatus::licensed:
        case ProductStatus::initial_grace:
        case ProductStatus::out_of_tolerance_grace:
        case ProductStatus::non_genuine_grace:
        case ProductStatus::notification:
        case ProductStatus::extended_grace:
            return;
    }
}

/// The row stays as it is and its grace runs on: taking a manifest away and putting it back gains
/// nothing, and a license is not lost to a package that was removed for an hour.
void on(Turn& turn, const event::ManifestRemoved&) {
    report(turn, "manifest_removed", "The product's manifest is gone; its state is kept.");
}

void on(Turn& turn, const event::HardwareSeen& event) {
    auto& state = turn.state;
    // What could not be read spends no tolerance, and gives none back.
    if (!state.license || event.result.verdict == hwid::Verdict::insufficient) return;
    const bool drifted = is_significant(event.result);
    if (drifted == state.drifted) return;
    state.drifted = drifted;
    state.retry_position = 0;
    // What waited for a confirmation was an activation of the hardware that is gone again.
    if (!drifted && state.held_key == state.product_key) clear_hold(state);
    if (!state.intent && wants_reactivation(state, turn.policy))
        state.next_attempt_at = turn.now();
    else
        schedule_idle(turn);
    report(turn, drifted ? "hardware_changed" : "hardware_is_back",
           drifted ? "The hardware changed significantly since the activation."
                   : "The hardware is the one that was activated.");
}

void give_up_license(Turn& turn, const std::string& detail) {
    auto& state = turn.state;
    if (!state.license || state.revoked) return;
    state.revoked = true;
    report(turn, "license_revoked", detail, info(Code::license_revoked).name);
    switch (state.status) {
        case ProductStatus::licensed:
        case ProductStatus::out_of_tolerance_grace:
            return start_notice(turn);
        // No grace that already runs or ended is made longer by a revocation.
        case ProductStatus::unlicensed:
        case ProductStatus::initial_grace:
        case ProductStatus::non_genuine_grace:
        case ProductStatus::notification:
        case ProductStatus::extended_grace:
        case ProductStatus::not_required:
            return;
    }
}

void on(Turn& turn, const event::Revoked& event) {
    give_up_license(turn,
                    event.detail.empty() ? "The key server revoked the license." : event.detail);
}

void mark_clone(Turn& turn) {
    if (!turn.state.license || turn.state.suspected_clone) return;
    turn.state.suspected_clone = true;
    report(turn, "suspected_clone", "The key server saw this license on another machine.",
           info(Code::suspected_clone).name);
}

void on(Turn& turn, const event::CloneTold&) { mark_clone(turn); }

void on(Turn& turn, const event::Deactivated&) {
    auto& state = turn.state;
    const bool asks_for_one = state.intent && state.intent->kind == IntentKind::activate;
    if (!state.license && !asks_for_one)
        return refuse(turn, Code::not_activated, "There is no license to end here.");
    const bool may_have_counted = asks_for_one && !state.intent->never_left();
    state.intent.reset();
    state.queued.reset();
    state.deactivated = true;
    if (state.license) {
        drop_license(turn);
    } else {
        state.product_key.clear();
        schedule_idle(turn);
    }
    report(turn, "deactivated",
           may_have_counted ? "An administrator ended it on this machine; an activation request "
                              "was under way, and the key server may have counted it."
                            : "An administrator ended the license on this machine.");
}

}  // namespace latchkey::core
