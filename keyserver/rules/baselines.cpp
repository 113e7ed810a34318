#include "keyserver/rules/baselines.h"

#include <algorithm>
#include <tuple>

namespace latchkey::keyserver {

hwid::Fingerprint merged(const hwid::Fingerprint& known, const hwid::Fingerprint& seen) {
    if (known.salt_id != seen.salt_id) return seen;
    hwid::Fingerprint out = seen;
    // A kind that is not mentioned could not be read; what is known to be gone says `absent`.
    const auto unreadable = [&](hwid::Kind kind) {
        bool mentioned = false;
        for (const auto& e : seen.evidence) {
            if (e.kind != kind) continue;
            mentioned = true;
            if (e.quality == hwid::Quality::unreadable) return true;
        }
        return !mentioned;
    };
    for (const auto& earlier : known.evidence) {
        if (!earlier.has_digest() || !unreadable(earlier.kind)) continue;
        const bool seen_again =
            std::any_of(seen.evidence.begin(), seen.evidence.end(), [&](const auto& e) {
                return e.kind == earlier.kind && e.has_digest() && e.digest == earlier.digest;
            });
        if (!seen_again) out.evidence.push_back(earlier);
    }
    std::sort(out.evidence.begin(), out.evidence.end(), [](const auto& a, const auto& b) {
        return std::tie(a.kind, a.digest, a.quality) < std::tie(b.kind, b.digest, b.quality);
    });
    return out;
}

void roll_baseline(hwid::Fingerprint& baseline, const hwid::Fingerprint& seen,
                   const hwid::MatchResult& matching) {
    const auto board = matching.anchors[static_cast<std::size_t>(hwid::Anchor::board)];
    if (matching.verdict != hwid::Verdict::same || board == hwid::AnchorState::contradicts) return;
    baseline = merged(baseline, seen);
}

void roll_matching_baseline(MachineRecord& machine, const hwid::Fingerprint& seen,
                            const hwid::MatchResult& matching) {
    roll_baseline(machine.matching_baseline, seen, matching);
}

void move_baselines(MachineRecord& machine, const hwid::Fingerprint& seen, const Decision& decision,
                    const hwid::MatchResult& matching) {
    if (decision.counted > 0) {
        const hwid::Fingerprint whole = merged(machine.matching_baseline, seen);
        machine.counting_baseline = whole;
        machine.matching_baseline = whole;
        return;
    }
    const bool proven = decision.continuity == licensing::Continuity::device_key ||
                        decision.continuity == licensing::Continuity::tpm;
    if (proven) roll_matching_baseline(machine, seen, matching);
}

}  // namespace latchkey::keyserver
