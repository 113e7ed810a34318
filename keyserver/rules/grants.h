#pragma once

// What may be granted at all, when an entitlement is added: caps for each country and worldwide
// (rule E2), and additional location toolkits (rule E6). Pure. Sources: docs/rules.md.

#include <optional>
#include <string>
#include <vector>

#include "base/problem.h"
#include "keyserver/policy.h"
#include "keyserver/store/records.h"

namespace latchkey::keyserver {

struct GrantFacts {
    const Entitlement& wish;
    const std::vector<Cap>& caps;   ///< of its product and program
    std::int64_t granted_here = 0;  ///< to its organization already, in its country
    std::int64_t granted_worldwide = 0;
};

/// Code::cap_reached with both numbers, or Code::usage where a country is capped and the wish names
/// none. Demonstration and training licenses are bound by no cap.
std::optional<Problem> refuse_grant(const GrantFacts& facts);

/// What cannot be held as it was granted, in sentences: a program that stays inside a country, and
/// none is named (rule E1).
std::vector<std::string> warnings_about_grant(const licensing::Program& program,
                                              const Entitlement& wish);

/// Who was granted more than the cap already, in sentences. `most_first` is of this cap, at most
/// kGrantsLookedAt.
std::vector<std::string> warnings_about_cap(const Cap& cap,
                                            const std::vector<GrantedTo>& most_first);

struct ToolkitFacts {
    const Location& location;
    bool has_one = false;  ///< of the same product and program
};

/// Code::toolkit_not_eligible: headquarters are not, nor are locations without a competency of
/// their own. Code::already_exists: a location gets one.
std::optional<Problem> refuse_toolkit(const ToolkitFacts& facts);

}  // namespace latchkey::keyserver
