#pragma once

// Two snapshots judged as the key server would judge them, with a plain digest (nothing leaves the
// machine), and the verdict as JSON and as text. Pure.

#include <string>
#include <string_view>

#include "hwid/component.h"
#include "hwid/match.h"
#include "licensing/program.h"

namespace latchkey::cli {

struct Comparison {
    hwid::Fingerprint before;
    hwid::Fingerprint after;
    hwid::MatchResult result;
};

Comparison compare(const hwid::Snapshot& before, const hwid::Snapshot& after);

/// What an activation now would use under this rule: 0 or 1.
int counts(const Comparison& comparison, licensing::CountingRule rule);

/// Tenths of a bit as "-1.2".
std::string bits(std::int32_t tenths);

/// The members "verdict" to "counts" without braces, as the contract orders them.
void append_verdict_json(std::string& out, const Comparison& comparison);
/// The member "components"; the snapshots give the words their (redacted) values.
void append_components_json(std::string& out, const Comparison& comparison,
                            const hwid::Snapshot& before, const hwid::Snapshot& after);

std::string comparison_text(const Comparison& comparison, const hwid::Snapshot& before,
                            const hwid::Snapshot& after, bool color);

}  // namespace latchkey::cli
