#include "hwid/weights.h"

#include <algorithm>

namespace latchkey::hwid {
namespace {

constexpr std::int16_t kMaxWeight = 400;
constexpr std::int16_t kMaxModelWeight = 20;
constexpr std::int32_t kLowestThreshold = -100;

/// Kinds that can make a machine the same: anchors, and what is printed on a part beside them.
bool is_unit_evidence(Kind kind) {
    return kind <= Kind::disk || kind == Kind::memory_module || kind == Kind::cloud_instance_id;
}

bool is_scored(Kind kind) { return kind < Kind::hypervisor || kind == Kind::cloud_instance_id; }

std::string unsound_weight(Kind kind, const Weight& weight) {
    const auto refuse = [kind](std::string_view why) {
        return "the weight of " + std::string(name(kind)) + " " + std::string(why);
    };
    if (weight != Weight{} && !is_scored(kind)) return refuse("must be 0: it is no evidence");
    if (weight.agree < 0 || weight.agree > kMaxWeight) return refuse("for agreement is too large");
    if (weight.disagree > 0 || weight.disagree < -kMaxWeight)
        return refuse("for disagreement is too large");
    if (weight.partly > weight.agree || weight.partly < weight.disagree)
        return refuse("for partial agreement is not between the others");
    if (!is_unit_evidence(kind) && weight.agree > kMaxModelWeight)
        return refuse("is more than evidence of a model may be worth");
    return {};
}

std::string unsound_sharing(const Weights& weights) {
    if (weights.worthless_multiplicity < 1 ||
        weights.worthless_multiplicity > Weights::kMaxMultiplicity)
        return "the worthless multiplicity is out of range";
    const auto& loss = weights.loss_when_shared;
    if (loss.front() < 0 || loss.back() > kMaxWeight || !std::is_sorted(loss.begin(), loss.end()))
        return "what a shared value loses must rise with the machines that show it";
    return {};
}

std::string unsound_losses(const Weights& weights) {
    if (weights.loss_count > Weights::kMaxLosses) return "there are too many significant losses";
    const auto rows = weights.significant();
    for (const auto& row : rows) {
        if (row.lost.empty()) return "a significant loss names no anchor";
        if (row.lost.contains_any(row.unless)) return "a significant loss forgives itself";
    }
    const bool board_counts = std::any_of(rows.begin(), rows.end(), [](const auto& row) {
        return row == SignificantLoss{{Anchor::board}, {}};
    });
    return board_counts ? "" : "a lost board must be significant";
}

std::int32_t best_agreement(const Weights& weights) {
    std::int32_t best = 0;
    for (std::size_t i = 0; i <= static_cast<std::size_t>(Kind::disk); ++i)
        best = std::max<std::int32_t>(best, weights.of[i].agree);
    return best;
}

}  // namespace

std::int32_t Weights::shared_loss(std::uint32_t multiplicity) const {
    return loss_when_shared[std::min<std::size_t>(multiplicity, kMaxMultiplicity - 1)];
}

std::string unsound(const Weights& weights) {
    if (weights.version < 1) return "the version is below 1";
    for (std::size_t i = 0; i < kKindCount; ++i) {
        if (auto why = unsound_weight(static_cast<Kind>(i), weights.of[i]); !why.empty())
            return why;
    }
    if (weights.same_threshold < kLowestThreshold ||
        weights.same_threshold > best_agreement(weights))
        return "the threshold is out of reach of every machine, or of none";
    if (auto why = unsound_sharing(weights); !why.empty()) return why;
    return unsound_losses(weights);
}

}  // namespace latchkey::hwid
