#pragma once

// What the sentences on one component and the sentences on the whole machine share.

#include <optional>

#include "hwid/match.h"

namespace latchkey::hwid {

/// The anchor that the kind speaks for; none for models, controllers and the like.
std::optional<Anchor> anchor_of(Kind kind);

/// The component's anchor is one whose loss made the change significant.
bool caused_significance(const ComponentResult& result, const MatchResult& whole);

}  // namespace latchkey::hwid
