#include "keyserver/decisions/multiplicity.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "hwid/match.h"
#include "keyserver/keys/pepper.h"
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

bool shows(const hwid::Fingerprint& fingerprint, const hwid::Evidence& evidence) {
    return std::any_of(
        fingerprint.evidence.begin(), fingerprint.evidence.end(), [&](const auto& e) {
            return e.kind == evidence.kind && e.has_digest() && e.digest == evidence.digest;
        });
}

bool are_same(const hwid::Fingerprint& a, const hwid::Fingerprint& b) {
    return hwid::match(a, b, hwid::default_weights()).verdict == hwid::Verdict::same;
}

/// They cannot be one machine, whatever the anchor `own` says.
bool contradict(const hwid::Fingerprint& a, const hwid::Fingerprint& b, hwid::Anchor own) {
    const auto match = hwid::match(a, b, hwid::default_weights());
    if (match.verdict == hwid::Verdict::same) return false;
    for (std::size_t i = 0; i < match.anchors.size(); ++i)
        if (i != static_cast<std::size_t>(own) &&
            match.anchors[i] == hwid::AnchorState::contradicts)
            return true;
    return false;
}

using Machines = std::vector<const hwid::Fingerprint*>;

/// Each machine once, however many product keys know it.
Machines distinct_machines(const std::vector<hwid::Fingerprint>& records) {
    Machines machines;
    for (const auto& record : records)
        if (std::none_of(machines.begin(), machines.end(),
                         [&](const auto* known) { return are_same(*known, record); }))
            machines.push_back(&record);
    return machines;
}

std::uint32_t count_sharers(const hwid::Fingerprint& seen, const hwid::Evidence& evidence,
                            hwid::Anchor anchor, const Machines& machines) {
    Machines sharers;
    bool one_is_self = false;
    for (const auto* machine : machines) {
        if (!shows(*machine, evidence)) continue;
        if (!contradict(*machine, seen, anchor)) one_is_self = true;
        const bool apart = std::all_of(sharers.begin(), sharers.end(), [&](const auto* other) {
            return contradict(*other, *machine, anchor);
        });
        if (apart) sharers.push_back(machine);
    }
    const auto count = static_cast<std::uint32_t>(sharers.size());
    return one_is_self && count > 0 ? count - 1 : count;
}

}  // namespace

void count_multiplicities(hwid::Fingerprint& seen, const std::vector<hwid::Fingerprint>& others) {
    const auto machines = distinct_machines(others);
    for (auto& evidence : seen.evidence) {
        const auto anchor = anchor_of(evidence.kind);
        evidence.multiplicity =
            anchor && evidence.has_digest() ? count_sharers(seen, evidence, *anchor, machines) : 0;
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
