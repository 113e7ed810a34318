#pragma once

// Match results in words an admin understands. With the raw snapshots at hand the words name values
// (redacted unless asked otherwise); without them (after a reimage) they name kinds only.

#include <string>
#include <vector>

#include "hwid/component.h"
#include "hwid/match.h"

namespace latchkey::hwid {

enum class Reveal : std::uint8_t { redacted, full };

/// "…4f2": the last three characters of a value longer than six, otherwise "…".
std::string redact(std::string_view value);

/// A value that is no secret, as people read it: "16384 MB", "Intel pci:8086:9bc5".
std::string value_in_words(const Component& component);

/// One sentence: "Network card replaced (was Intel …4f2, now Realtek …9b1): not significant".
/// `before` and `after` may be null; `fingerprint` evidence indexes lead to their components.
std::string explain(const ComponentResult& result, const MatchResult& whole,
                    const Fingerprint& before_fp, const Fingerprint& after_fp,
                    const Snapshot* before, const Snapshot* after, Reveal reveal);

/// The few sentences that carry the verdict, most telling first; never empty.
std::vector<std::string> reasons(const MatchResult& result);

}  // namespace latchkey::hwid
