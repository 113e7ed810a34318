#include "keyserver/multiplicity.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "hwid/match.h"
#include "keyserver/pepper.h"
#include "keyserver/policy.h"

namespace latchkey::keyserver {
namespace {

struct AnchorKind {
    hwid::Kind kind;
    hwid::Anchor anchor;
};

constexpr std::array kAnchorKinds{
    AnchorKind{hwid::Kind::system_uuid, hwid::Anchor::board},
    AnchorKind{hwid::Kind::system_serial, hwid::Anchor::board},
    AnchorKind{hwid::Kind::board_serial, hwid::Anchor::board},
    AnchorKind{hwid::Kind::chassis_serial, hwid::Anchor::board},
    AnchorKind{hwid::Kind::tpm_ek, hwid::Anchor::tpm},
    AnchorKind{hwid::Kind::nic, hwid::Anchor::nic},
    AnchorKind{hwid::Kind::disk, hwid::Anchor::disk},
    AnchorKind{hwid::Kind::cloud_instance_id, hwid::Anchor::cloud},
};

std::optional<hwid::Anchor> anchor_of(hwid::Kind kind) {
    for (const auto& row : kAnchorKinds)
        if (row.kind == kind) return row.anchor;
    return std::nullopt;
}

bool another_anchor_contradicts(const hwid::MatchResult& match, hwid::Anchor own) {
    for (std::size_t i = 0; i < match.anchors.size(); ++i)
        if (i != static_cast<std::size_t>(own) &&
            match.anchors[i] == hwid::AnchorState::contradicts)
            return true;
    return false;
}

bool shows(const hwid::Fingerprint& fingerprint, const hwid::Evidence& evidence) {
    return std::any_of(
        fingerprint.evidence.begin(), fingerprint.evidence.end(), [&](const auto& e) {
            return e.kind == evidence.kind && e.has_digest() && e.digest == evidence.digest;
        });
}

struct Contradicting {
    const hwid::Fingerprint* fingerprint;
    hwid::MatchResult match;
};

/// Those that are not the machine itself, each machine once.
std::vector<Contradicting> other_machines(const hwid::Fingerprint& seen,
                                          const std::vector<hwid::Fingerprint>& others) {
    const auto& weights = hwid::default_weights();
    std::vector<Contradicting> distinct;
    for (const auto& other : others) {
        auto match = hwid::match(other, seen, weights);
        if (match.verdict == hwid::Verdict::same) continue;
        const bool known =
            std::any_of(distinct.begin(), distinct.end(), [&](const Contradicting& earlier) {
                return hwid::match(*earlier.fingerprint, other, weights).verdict ==
                       hwid::Verdict::same;
            });
        if (!known) distinct.push_back({&other, std::move(match)});
    }
    return distinct;
}

}  // namespace

void count_multiplicities(hwid::Fingerprint& seen, const std::vector<hwid::Fingerprint>& others) {
    const auto distinct = other_machines(seen, others);
    for (auto& evidence : seen.evidence) {
        evidence.multiplicity = 0;
        const auto anchor = anchor_of(evidence.kind);
        if (!anchor || !evidence.has_digest()) continue;
        for (const auto& other : distinct)
            if (shows(*other.fingerprint, evidence) &&
                another_anchor_contradicts(other.match, *anchor))
                ++evidence.multiplicity;
    }
}

Result<void> fill_multiplicities(Stores& stores, hwid::Fingerprint& seen) {
    std::set<std::string> ids;
    for (const auto& digest : search_digests(seen)) {
        const auto showing = stores.machines.showing({}, digest, kOwnersPerDigest);
        if (!showing) return fail(showing.error());
        ids.insert(showing->begin(), showing->end());
    }
    std::vector<hwid::Fingerprint> others;
    for (const auto& id : ids) {
        auto record = stores.machines.find(id);
        if (!record) return fail(std::move(record.error()));
        if (*record && (*record)->state == MachineState::active)
            others.push_back(std::move((*record)->matching_baseline));
    }
    count_multiplicities(seen, others);
    return {};
}

}  // namespace latchkey::keyserver
