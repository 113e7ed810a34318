#include "tests/simulator/guard.h"

#include <algorithm>

#include "agent/core/backoff.h"
#include "tests/simulator/story.h"

namespace latchkey::simulator {
namespace {

using core::ProductStatus;

/// A look is taken at each deadline, the machine's minute of booting included.
constexpr Duration kSlack = hours{2};
constexpr int kMostLooks = 2;

/// Nobody who owes a question is silent for longer: the longest interval of renewals and retries.
/// A clock that was wrong ahead may cost the interval twice, since its deadline is pulled in to a
/// whole one when it is found out.
Duration longest_silence(const core::ProductState& state, const core::Policy& policy) {
    Duration longest = core::longest_retry_delay(policy);
    const bool perpetual =
        state.license && state.license->kind == licensing::LicenseKind::perpetual;
    if (!state.intent && perpetual) longest = std::max(longest, policy.perpetual_recheck * 6 / 5);
    return 2 * longest + Days{1};
}

}  // namespace

bool owes_a_question(const core::ProductState& state) {
    if (state.intent) return true;
    return state.license && !state.drifted && state.status != ProductStatus::not_required;
}

std::vector<Breach> Guard::see(const Glance& glance) {
    std::vector<Breach> breaches;
    const auto& state = glance.state;
    book(glance);
    note_answer(state);
    rearms_ = std::max(rearms_, state.rearms_used);
    if (last_rearms_ != state.rearms_used) since_rearm_ = Duration{0};
    last_rearms_ = state.rearms_used;
    check_grace(glance, breaches);
    check_next(glance, breaches);
    check_license(glance, breaches);
    seen_ = true;
    status_ = state.status;
    frozen_ = state.grace && state.grace->frozen;
    return breaches;
}

/// The time since the last look was spent in the state that was seen then.
void Guard::book(const Glance& glance) {
    const bool called = glance.dials != dials_;
    dials_ = glance.dials;
    silent_ = called || !owes_a_question(glance.state) ? Duration{0} : silent_ + glance.awake;
    // What cannot be stored is not decided: a grace that ends on a full disk ends when it is not.
    if (!seen_ || !glance.can_store) return;
    switch (status_) {
        case ProductStatus::initial_grace:
        case ProductStatus::extended_grace:
            if (frozen_) break;
            grace_ += glance.awake;
            since_rearm_ += glance.awake;
            break;
        case ProductStatus::out_of_tolerance_grace:
            tolerance_ += glance.awake;
            break;
        case ProductStatus::non_genuine_grace:
            notice_ += glance.awake;
            break;
        case ProductStatus::unlicensed:
        case ProductStatus::licensed:
        case ProductStatus::notification:
        case ProductStatus::not_required:
            break;
    }
}

void Guard::note_answer(const core::ProductState& state) {
    std::string answer;
    if (state.license) answer = state.license->id + ":" + std::to_string(state.lease_sequence);
    if (answer == answer_) return;
    answer_ = std::move(answer);
    tolerance_ = notice_ = Duration{0};
}

void Guard::check_grace(const Glance& glance, std::vector<Breach>& breaches) const {
    const auto& policy = glance.policy;
    const Duration slack = kSlack + conceded_;
    const Duration granted = policy.initial_grace * (1 + std::min(rearms_, policy.rearms));
    const auto judge = [&](const char* what, Duration seen, Duration allowed) {
        if (seen <= allowed + slack) return;
        breaches.push_back({"grace", std::string(what) + " lasted " + words_for(seen) + ", and " +
                                         words_for(allowed) + " were granted"});
    };
    judge("the initial grace with its rearms", grace_, granted);
    judge("one grace", since_rearm_, policy.initial_grace);
    judge("the out-of-tolerance grace", tolerance_, policy.out_of_tolerance_grace);
    judge("the notice of a revoked license", notice_, policy.non_genuine_notice);
    if (glance.state.rearms_used > policy.rearms)
        breaches.push_back({"grace", std::to_string(glance.state.rearms_used) + " rearms of " +
                                         std::to_string(policy.rearms) + " were used"});
}

void Guard::check_next(const Glance& glance, std::vector<Breach>& breaches) {
    const auto& state = glance.state;
    const Duration longest = core::longest_retry_delay(glance.policy);
    if (owes_a_question(state)) {
        if (!state.next_attempt_at)
            breaches.push_back({"next", "a question is owed and no next attempt is planned"});
        if (!glance.next_due)
            breaches.push_back({"next", "a question is owed and nothing is ever due"});
        if (silent_ > longest_silence(state, glance.policy))
            breaches.push_back(
                {"next", "a question is owed and nobody was called for " + words_for(silent_)});
    }
    if (glance.next_due && *glance.next_due > glance.now + longest)
        breaches.push_back({"next", "the timer is set beyond the longest wait"});
    if (!glance.woken) return;
    // The first reminder of a state is due at once, and comes with the next look.
    const bool due = glance.can_store && glance.next_due && *glance.next_due <= glance.now;
    undone_ = due ? undone_ + 1 : 0;
    if (undone_ > kMostLooks)
        breaches.push_back({"next", "something is due, and looking at it does not do it"});
}

/// A license in force is shown as one.
void Guard::check_license(const Glance& glance, std::vector<Breach>& breaches) {
    const auto& state = glance.state;
    const bool licensed = state.status == ProductStatus::licensed;
    if (licensed && !state.license)
        breaches.push_back({"licensed", "the product is licensed without a license"});
    if (!glance.woken || !glance.can_store || state.status == ProductStatus::not_required) return;
    if (core::license_in_force(state, glance.now) && !licensed)
        breaches.push_back({"licensed", "a license is in force, and the state is " +
                                            std::string(core::name(state.status))});
    if (licensed && !core::license_in_force(state, glance.now))
        breaches.push_back({"licensed", "no license is in force, and the state is licensed"});
}

}  // namespace latchkey::simulator
