#pragma once

// One request to a key of three activations, one of them used; everything may be bent.

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "keyserver/rules/rules.h"

namespace latchkey::keyserver {

using licensing::Continuity;
using licensing::CountingRule;

inline constexpr ServerTime kNow{Duration{1'790'000'000'000}};

enum class Change { none, insignificant, significant };

inline hwid::MatchResult same(Change change, std::int32_t score = 500) {
    hwid::MatchResult match;
    match.verdict = hwid::Verdict::same;
    match.significant = change == Change::significant;
    match.changed_any = change != Change::none;
    match.score = score;
    match.anchors.fill(hwid::AnchorState::agrees);
    return match;
}

inline hwid::MatchResult different() {
    hwid::MatchResult match;
    match.verdict = hwid::Verdict::different;
    match.significant = true;
    match.changed_any = true;
    match.score = -100;
    match.anchors.fill(hwid::AnchorState::contradicts);
    return match;
}

inline hwid::MatchResult insufficient() {
    hwid::MatchResult match = different();
    match.verdict = hwid::Verdict::insufficient;
    match.anchors.fill(hwid::AnchorState::unknown);
    return match;
}

/// One request to the key "key_1" of three activations, one of them used; everything may be bent.
struct Situation {
    Product product{.id = "editor",
                    .name = "Editor",
                    .version = {},
                    .released = {},
                    .needs_activation = true,
                    .excluded_platforms = {},
                    .qualifying_os = {},
                    .key_group = 1,
                    .token_group = 2,
                    .manifest_version = 0,
                    .created_at = {}};
    licensing::Program program{.id = "own", .title = "Own"};
    Entitlement entitlement{.id = "ent_1",
                            .product = "editor",
                            .program = "own",
                            .organization = "acme",
                            .quantity = 100,
                            .activations = 3,
                            .activate_by = {},
                            .country = {},
                            .created_at = {}};
    KeyRecord key{.id = "key_1",
                  .entitlement = "ent_1",
                  .digest = {},
                  .last5 = "ABCDE",
                  .limit = 3,
                  .used = 1,
                  .blocked = false,
                  .created_at = {}};
    std::vector<Location> locations;
    licensing::ActivationRequest request;
    std::vector<Candidate> candidates;
    Policy policy;
    ServerTime now = kNow;
    TpmWord tpm;

    Situation() {
        request.product = "editor";
        request.platform = "linux";
        request.max_count = 1;
    }

    Situation& rule(CountingRule rule) {
        program.rule = rule;
        return *this;
    }
    /// A record of this machine, alike as `matching` says; the counting baseline sees the same.
    Candidate& record(hwid::MatchResult matching) {
        candidates.push_back({.machine = "mch_" + std::to_string(candidates.size() + 1),
                              .state = MachineState::active,
                              .created_at = kNow - Days{10},
                              .matching = matching,
                              .counting = matching,
                              .holder = false,
                              .zero_counts = 0});
        return candidates.back();
    }
    Decision decided() const {
        return decide(
            {product, program, entitlement, key, locations, request, candidates, now, tpm}, policy);
    }
    std::optional<Code> refusal() const {
        const auto decision = decided();
        if (!decision.refusal) return std::nullopt;
        return decision.refusal->code;
    }
};

}  // namespace latchkey::keyserver
