#pragma once

// {"schema_version": "1.0", "error": {...}}: what any failure looks like, at every verb and path.
// Apart from contract.h so that the CLI can write and read it without knowing the agent's core.

#include <optional>

#include "base/problem.h"
#include "base/strict_json.h"

namespace latchkey::localapi {

json::bj::value error_json(const Problem& problem);

/// nullopt if `value` is not an error document. A code this version does not know becomes
/// Code::internal with the sender's words in the detail.
std::optional<Problem> problem_from_error_json(const json::bj::value& value);

}  // namespace latchkey::localapi
