#include "agent/core/turn.h"

#include <algorithm>

namespace latchkey::core {
namespace {

/// So is one that nobody remembers.
bool grace_over(const ProductState& state, ServerTime now) {
    return !state.grace || (!state.grace->frozen && now >= state.grace->ends_at);
}

void settle_license(Turn& turn) {
    if (license_in_force(turn.state, turn.now())) return;
    if (turn.state.drifted)
        start_out_of_tolerance(turn, "The hardware changed significantly since the activation.");
    else if (turn.state.suspected_clone)
        start_out_of_tolerance(turn, "The key server suspects that this machine is a clone.");
    else
        start_out_of_tolerance(turn, "The license ran out before it could be renewed.");
}

void settle_grace(Turn& turn) {
    if (license_in_force(turn.state, turn.now())) return become_licensed(turn);
    const bool used_up = used_up_before(turn.state, turn.policy);
    if (!grace_over(turn.state, turn.now()) && !used_up) return;
    turn.state.status = ProductStatus::notification;
    doubt_end_of_grace(turn);
    report(turn, "grace_ended",
           used_up ? "All graces of this hardware are used, says the counter in its TPM."
                   : "The grace period has ended.");
}

void settle_notification(Turn& turn) {
    if (license_in_force(turn.state, turn.now())) return become_licensed(turn);
    if (grace_over(turn.state, turn.now()) || used_up_before(turn.state, turn.policy)) return;
    turn.state.status = turn.state.grace->kind;
    report(turn, "grace_given_back",
           turn.state.tpm ? "The grace period is not over yet: the key server or the clock says so."
                          : "The clock was corrected: the grace period is not over yet.");
}

void settle_once(Turn& turn) {
    switch (turn.state.status) {
        case ProductStatus::unlicensed:
        case ProductStatus::not_required:
            return;
        case ProductStatus::licensed:
            return settle_license(turn);
        case ProductStatus::initial_grace:
        case ProductStatus::out_of_tolerance_grace:
        case ProductStatus::non_genuine_grace:
        case ProductStatus::extended_grace:
            return settle_grace(turn);
        case ProductStatus::notification:
            return settle_notification(turn);
    }
}

/// The end of a license that ends, where it still lies ahead.
std::optional<ServerTime> warning_from(const ProductState& state, const Policy& policy) {
    if (!state.license || !state.license->expires_at) return std::nullopt;
    return *state.license->expires_at - policy.warn_ahead;
}

ServerTime reminder_in_grace(const Grace& grace, ServerTime now, const Policy& policy) {
    const ServerTime last_days = grace.ends_at - Days{3};
    const ServerTime last_day = grace.ends_at - Days{1};
    if (now < last_days) return std::min(now + policy.reminder_daily, last_days);
    if (now < last_day) return std::min(now + policy.reminder_last_three_days, last_day);
    return now + policy.reminder_last_day;
}

bool reminds(const ProductState& state, const Policy& policy) {
    switch (state.status) {
        case ProductStatus::unlicensed:
        case ProductStatus::not_required:
            return false;
        case ProductStatus::licensed:
            return warning_from(state, policy).has_value();
        case ProductStatus::initial_grace:
        case ProductStatus::out_of_tolerance_grace:
        case ProductStatus::non_genuine_grace:
        case ProductStatus::extended_grace:
            return state.grace && !state.grace->frozen;
        case ProductStatus::notification:
            return true;
    }
    return false;
}

}  // namespace

void report(Turn& turn, std::string_view event, std::string detail, std::string_view code) {
    turn.effects.push_back(
        effect::Report{std::string(event), std::move(detail), std::string(code)});
}

void refuse(Turn& turn, Code code, std::string detail) {
    turn.refused = Problem{code, std::move(detail), {}};
}

void start_grace(Turn& turn, ProductStatus kind, Duration length) {
    turn.state.status = kind;
    turn.state.grace = Grace{.started_at = turn.now(),
                             .ends_at = turn.now() + length,
                             .frozen = false,
                             .length = length,
                             .kind = kind,
                             .off_clock = turn.moment.off_clock(),
                             .scale_set = turn.moment.scale_set};
}

void start_out_of_tolerance(Turn& turn, std::string_view why) {
    const Duration full = turn.policy.out_of_tolerance_grace;
    const Duration left = std::max(full - turn.state.tolerance_used, Duration{0});
    start_grace(turn, ProductStatus::out_of_tolerance_grace,
                turn.state.suspected_clone ? full : left);
    report(turn, "grace_started", std::string(why));
}

void book_tolerance(Turn& turn) {
    const auto& grace = turn.state.grace;
    if (!grace || grace->kind != ProductStatus::out_of_tolerance_grace) return;
    turn.state.tolerance_used +=
        std::clamp(Duration{turn.now() - grace->started_at}, Duration{0}, grace->length);
}

void become_licensed(Turn& turn) {
    book_tolerance(turn);
    turn.state.status = ProductStatus::licensed;
    turn.state.grace.reset();
    schedule_idle(turn);
    report(turn, "licensed", "The license is in force again.");
}

void drop_license(Turn& turn) {
    auto& state = turn.state;
    state.license.reset();
    state.license_jws.clear();
    state.lease_sequence = 0;
    state.product_key.clear();
    state.grace.reset();
    state.grace_granted = true;
    state.renew_at.reset();
    state.held = state.suspected_clone = state.revoked = state.drifted = false;
    state.held_code.clear();
    state.held_key.clear();
    state.tolerance_used = Duration{0};
    state.deactivated = true;
    if (state.status != ProductStatus::not_required) state.status = ProductStatus::unlicensed;
    schedule_idle(turn);
}

void settle(Turn& turn) {
    // A license that ended long ago passes through its grace into notification at one go.
    for (int i = 0; i < 3; ++i) {
        const auto before = turn.state.status;
        settle_once(turn);
        if (turn.state.status == before) return;
    }
}

ServerTime reminder_after(const ProductState& state, ServerTime now, const Policy& policy) {
    if (in_grace(state.status) && state.grace) return reminder_in_grace(*state.grace, now, policy);
    if (state.status == ProductStatus::notification) return now + policy.reminder_last_three_days;
    return now + policy.reminder_daily;
}

void schedule_reminder(Turn& turn, ProductStatus before) {
    auto& state = turn.state;
    if (!reminds(state, turn.policy)) return state.reminder_due_at.reset();
    if (before != state.status) state.reminder_due_at.reset();
    ServerTime earliest = ServerTime::min();
    if (state.status == ProductStatus::licensed) earliest = *warning_from(state, turn.policy);
    const ServerTime latest = std::max(earliest, reminder_after(state, turn.now(), turn.policy));
    const ServerTime first = in_grace(state.status) ? latest : std::max(earliest, turn.now());
    state.reminder_due_at = std::clamp(state.reminder_due_at.value_or(first), earliest, latest);
}

}  // namespace latchkey::core
