#pragma once

// Checks a document against the JSON Schemas in docs/: the part of JSON Schema 2020-12 that they
// use (type, required, properties, items, enum, pattern, length, range, anyOf, $ref into $defs). A
// keyword this checker does not know fails the check, so that none is silently passed over.

#include <string>
#include <vector>

#include "tests/e2e/world.h"

namespace latchkey::e2e {

/// One sentence for each place where `document` breaks the schema in `docs/<schema_name>`; empty:
/// it holds.
std::vector<std::string> contract_breaches(const Json& document, const std::string& schema_name);
std::vector<std::string> breaches(const Json& document, const Json& schema);

}  // namespace latchkey::e2e
