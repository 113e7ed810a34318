#pragma once

// How an answer is shown: JSON for scripts, a table or a few lines for people, CSV for
// spreadsheets.

#include <filesystem>
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

/// What to tell beside an answer that can be shown this once; empty: it is no such answer.
std::string word_on_secret(const Verb& verb, const bj::object& result);

/// Standard output did not take what was to be shown.
Problem not_written();
/// The same of a verb's answer: what was done all the same, and what to do about it. Names no key.
/// `directory` is --data.
Problem not_shown(const Verb& verb, const bj::object& result,
                  const std::filesystem::path& directory);

/// RFC 4180, with a header line. Lists only. A cell that a spreadsheet would compute (it begins
/// with = + - @ or a tab) begins with an apostrophe.
std::string as_csv(const Verb& verb, const bj::object& result);

}  // namespace latchkey::keyserver::admin
