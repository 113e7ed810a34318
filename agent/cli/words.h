#pragma once

// Numbers, times and states of the agent's documents in words an admin reads at a glance.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/cli/document.h"
#include "agent/cli/table.h"
#include "base/time.h"

namespace latchkey::cli {

/// "29 days", "1 day 5 hours" below three days, "3 hours", "12 minutes", "less than a minute".
std::string duration_words(std::int64_t seconds);

/// "2026-11-22" of an RFC 3339 time, "2026-11-22 13:51 UTC" of the longer form; the text itself
/// where it is none.
std::string date_of(std::string_view rfc3339);
std::string minute_of(std::string_view rfc3339);

/// The instant of an RFC 3339 text; none where it is none.
std::optional<WallTime> time_of(View text);

/// The time by which the agent judges; `fallback` where it does not say.
WallTime now_of(View status, WallTime fallback);

/// "in 18 days", "2 hours ago"; "now" and "just now" within a minute.
std::string distance_words(WallTime at, WallTime now);

/// "2026-12-22 (in 18 days)"; with hours and minutes within three days.
std::string when_words(WallTime at, WallTime now);

/// "1 activation", "3 activations".
std::string counted(std::int64_t count, std::string_view noun);

/// "licensed", "in grace, not activated yet", ...
std::string state_words(std::string_view state);
/// The same in at most sixteen columns, for a table.
std::string short_state_words(std::string_view state);
Tone state_tone(std::string_view state);
bool is_grace(std::string_view state);

/// "3 of 10 used, 7 left"; "-" where nobody said.
std::string activations_words(View activations);

/// "the same machine, changed but not significantly"; `changed_any` none where nobody said.
std::string verdict_words(std::string_view verdict, bool significant,
                          std::optional<bool> changed_any);

/// "  - sentence" lines from an array of strings.
std::string because_lines(View reasons);

}  // namespace latchkey::cli
