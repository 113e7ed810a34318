#pragma once

// How an answer is shown: JSON for scripts, a table or a few lines for people, CSV for
// spreadsheets.

#include <string>

#include "base/problem.h"
#include "keyserver/admin/verb.h"

namespace latchkey::keyserver::admin {

/// {"schema_version": "1.0", …}
std::string as_json(const bj::object& result);
std::string as_json(const Problem& problem);

/// A table for lists, "name: value" lines for one thing.
std::string as_text(const Verb& verb, const bj::object& result);
/// "latchkey-keyserver: …" with detail and remedy.
std::string as_text(const Problem& problem);

/// RFC 4180, with a header line. Lists only.
std::string as_csv(const Verb& verb, const bj::object& result);

}  // namespace latchkey::keyserver::admin
