#pragma once

// Before versus after: the same machine, significantly changed, or another one? Pure,
// deterministic, integer arithmetic: agent and key server run this very function and get the same
// bits. Method: Fellegi-Sunter scores from weights.h with an anchor rule on top (docs/identity.md).

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hwid/component.h"
#include "hwid/fingerprint.h"
#include "hwid/weights.h"

namespace latchkey::hwid {

enum class Verdict : std::uint8_t { same, different, insufficient };
std::string_view name(Verdict verdict);
std::optional<Verdict> verdict_from_name(std::string_view name);

enum class Outcome : std::uint8_t { match, changed, added, removed, unreadable, ignored };
std::string_view name(Outcome outcome);
std::optional<Outcome> outcome_from_name(std::string_view name);

/// Why one component came out as it did; explain.h turns it into words.
enum class Why : std::uint8_t {
    agrees,
    differs,
    replaced,         ///< one of a set went and another came
    set_gained,       ///< a member of a set came
    set_lost,         ///< a member of a set went
    became_readable,  ///< could not be read before: filled in without cost
    not_readable,     ///< cannot be read now: neither for nor against
    placeholder,
    virtual_value,
    removable_device,
    local_address,
    shared_value,    ///< multiplicity makes it worthless
    never_identity,  ///< os_machine_id and kin
    not_compared,
};
std::string_view name(Why why);

/// Scores are in tenths of a bit.
struct ComponentResult {
    Kind kind;
    Outcome outcome;
    Why why;
    std::int32_t weight = 0;
    std::int32_t before = -1;  ///< index into the before fingerprint's evidence, -1 where none
    std::int32_t after = -1;

    friend bool operator==(const ComponentResult&, const ComponentResult&) = default;
};

enum class AnchorState : std::uint8_t { agrees, partly, contradicts, unknown };

struct MatchResult {
    Verdict verdict = Verdict::insufficient;
    bool is_virtual = false;   ///< one of the two is a virtual machine
    bool significant = false;  ///< meaningful for `same` only; true otherwise
    bool changed_any = false;
    std::int32_t score = 0;
    std::array<AnchorState, kAnchorCount> anchors{AnchorState::unknown, AnchorState::unknown,
                                                  AnchorState::unknown, AnchorState::unknown,
                                                  AnchorState::unknown};
    std::vector<ComponentResult> components;
    AnchorSet lost_significantly;  ///< the anchors whose loss makes a `same` significant

    friend bool operator==(const MatchResult&, const MatchResult&) = default;
};

/// True for the kinds whose change the rule `any-change` counts: a board identity, network card,
/// internal disk, processor, memory or graphics card. Never BIOS, battery, monitor, dock.
bool is_counted_change(Kind kind);

/// Version of the rules below, named in receipts. Raised whenever the same input may give another
/// verdict.
inline constexpr int kMatcherVersion = 4;

/// Both fingerprints must be under the same salt_id; otherwise the verdict is `insufficient` with
/// no components.
MatchResult match(const Fingerprint& before, const Fingerprint& after, const Weights& weights);

}  // namespace latchkey::hwid
