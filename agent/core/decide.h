#pragma once

// May this machine ask for an activation, and at what price? The machine's own half of the
// decision; the key server has the last word on the count. Pure.

#include <optional>
#include <string>
#include <vector>

#include "agent/core/policy.h"
#include "agent/core/state.h"
#include "base/result.h"
#include "hwid/fingerprint.h"
#include "hwid/match.h"
#include "licensing/manifest.h"
#include "licensing/messages.h"

namespace latchkey::core {

/// What is known of this machine when the question comes up.
struct MachineFacts {
    hwid::EvidenceStrength strength = hwid::EvidenceStrength::weak;
    bool ephemeral = false;
    std::string platform;  ///< "linux"
    std::string os_edition;
};

struct ActivationWish {
    bool by_hand = false;       ///< an admin asks; otherwise the configuration does
    bool accept_count = false;  ///< --accept-count, or when_counted = "proceed"
    /// is_surely_new() of the key server's preview, where it was asked.
    std::optional<bool> preview_new_machine;
};

struct ActivationPlan {
    /// Refused here: nothing is sent (lab_mode, activation_not_required, platform_excluded,
    /// os_not_qualified, evidence_insufficient, ephemeral_machine, confirmation_required).
    std::optional<Problem> refusal;
    /// What the request may spend: 0 asks "only if it does not count". An admin's word spends one,
    /// unless an earlier hold still waits or the own baseline cannot be compared: those need
    /// accept_count. Unattended without accept_count spends one only on a machine that never held
    /// this license and that is surely new to the key.
    int max_count = 1;
};

/// `baseline_result`: before/after of the machine's own baseline, where it still has one.
ActivationPlan plan_activation(const ProductState& state, const licensing::Manifest& manifest,
                               const MachineFacts& facts, const ActivationWish& wish,
                               const std::optional<hwid::MatchResult>& baseline_result,
                               const Policy& policy);

/// The key has no record of this machine, nor of one that could be it: where too little evidence
/// is left to tell (Verdict::insufficient), it may have been counted before.
bool is_surely_new(const licensing::PreviewReply& preview);

/// A workstation that a program counts again and again looks like a lab machine: reimaged often,
/// and better off without activating at all.
bool recommends_lab(const ProductState& state, ServerTime now, const Policy& policy);

/// The manifest's bounds with the local configuration's tightening applied.
Policy effective_policy(const Policy& local, const licensing::ManifestPolicy& manifest);

}  // namespace latchkey::core
