#include "agent/core/decide.h"

#include <algorithm>

namespace latchkey::core {
namespace {

bool contains(const std::vector<std::string>& list, const std::string& value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}

std::optional<Problem> refuse(Code code, std::string detail) {
    return Problem{code, std::move(detail), {}};
}

/// What no admin's word changes: the product, the role, the platform, the operating system.
std::optional<Problem> impossible(const licensing::Manifest& manifest, const MachineFacts& facts,
                                  const Policy& policy) {
    if (!manifest.needs_activation)
        return refuse(Code::activation_not_required, "Nothing was sent and nothing was spent.");
    if (policy.role == Role::lab)
        return refuse(Code::lab_mode, "Nothing was sent and nothing was spent.");
    if (contains(manifest.excluded_platforms, facts.platform))
        return refuse(Code::platform_excluded,
                      "The product's keys exclude " + facts.platform + ".");
    if (!manifest.qualifying_os.empty() && !contains(manifest.qualifying_os, facts.os_edition))
        return refuse(Code::os_not_qualified,
                      facts.os_edition.empty()
                          ? "The edition of this operating system could not be read."
                          : "This operating system is " + facts.os_edition + ".");
    return std::nullopt;
}

std::optional<Problem> not_unattended(const ProductState& state, const MachineFacts& facts,
                                      const Policy& policy) {
    if (facts.ephemeral && !policy.allow_ephemeral)
        return refuse(Code::ephemeral_machine, "Nothing was sent and nothing was spent.");
    if (state.deactivated)
        return refuse(Code::confirmation_required,
                      "An administrator ended the license here; only an administrator starts a "
                      "new one.");
    return std::nullopt;
}

std::optional<Problem> too_little_evidence(const MachineFacts& facts, const ActivationWish& wish) {
    if (facts.strength != hwid::EvidenceStrength::weak) return std::nullopt;
    // Accepting a count in advance, in the configuration, does not speak for unreadable hardware.
    if (wish.by_hand && wish.accept_count) return std::nullopt;
    return refuse(Code::evidence_insufficient,
                  "No board, network card, disk or TPM of its own could be read.");
}

bool held_a_license(const ProductState& state) {
    return state.license || state.matching_baseline || state.counting_baseline;
}

bool may_spend(const ProductState& state, const ActivationWish& wish,
               const std::optional<hwid::MatchResult>& baseline_result) {
    if (wish.accept_count) return true;
    if (!wish.by_hand) return wish.preview_new_machine.value_or(false) && !held_a_license(state);
    const bool undecided =
        baseline_result && baseline_result->verdict == hwid::Verdict::insufficient;
    return !state.held && !undecided;
}

/// The manifest's number, unless the local one was changed and is smaller.
template <class T>
T tightened(T local, T usual, T manifest) {
    return local == usual ? manifest : std::min(local, manifest);
}

}  // namespace

ActivationPlan plan_activation(const ProductState& state, const licensing::Manifest& manifest,
                               const MachineFacts& facts, const ActivationWish& wish,
                               const std::optional<hwid::MatchResult>& baseline_result,
                               const Policy& policy) {
    if (auto problem = impossible(manifest, facts, policy)) return {std::move(problem), 0};
    if (!wish.by_hand) {
        if (auto problem = not_unattended(state, facts, policy)) return {std::move(problem), 0};
    }
    if (auto problem = too_little_evidence(facts, wish)) return {std::move(problem), 0};
    return {std::nullopt, may_spend(state, wish, baseline_result) ? 1 : 0};
}

bool is_surely_new(const licensing::PreviewReply& preview) {
    return preview.new_machine && preview.verdict == hwid::Verdict::different;
}

bool recommends_lab(const ProductState& state, ServerTime now, const Policy& policy) {
    const auto& decision = state.last_decision;
    if (policy.role == Role::lab || !decision) return false;
    return decision->rule == licensing::CountingRule::every_activation &&
           decision->recent_reimages.value_or(0) >= policy.lab_reimages &&
           now - decision->at <= policy.lab_window;
}

Policy effective_policy(const Policy& local, const licensing::ManifestPolicy& manifest) {
    const Policy usual;
    Policy out = local;
    out.initial_grace = tightened<Duration>(local.initial_grace, usual.initial_grace,
                                            Days{manifest.initial_grace_days});
    out.out_of_tolerance_grace =
        tightened<Duration>(local.out_of_tolerance_grace, usual.out_of_tolerance_grace,
                            Days{manifest.out_of_tolerance_days});
    out.non_genuine_notice = tightened<Duration>(local.non_genuine_notice, usual.non_genuine_notice,
                                                 Days{manifest.non_genuine_days});
    out.rearms = tightened(local.rearms, usual.rearms, manifest.rearms);
    out.rearm_ledger = manifest.rearm_ledger;
    return out;
}

}  // namespace latchkey::core
