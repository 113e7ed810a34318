#pragma once

// What an admin asks about one product, read out of the agent's document: how bad is it, why, how
// much time is left, what happens next and when, what is there to do. Pure.

#include <optional>
#include <string>
#include <vector>

#include "agent/cli/document.h"
#include "agent/cli/look.h"
#include "base/time.h"

namespace latchkey::cli {

/// The value is `check`'s exit code.
enum class Level : std::uint8_t { ok = 0, warning = 1, critical = 2, unknown = 3 };
std::string_view name(Level level);
Level level_of(std::string_view severity);
Tone level_tone(Level level);

/// The agent's own judgement, or the same rules where an older agent does not say; and what its
/// health says about the product.
Level level_of_product(View status, View product, WallTime now);

/// What of a grace or a lease is left of the whole.
struct TimeLeft {
    Duration left{0};
    std::optional<Duration> whole;
    bool waits_for_first_use = false;
};
std::optional<TimeLeft> time_left(View product, WallTime now);

/// "18 of 30 days" or "18 days"; "5 hours", "ended".
std::string time_left_words(const TimeLeft& time, bool of_whole);

/// Days until a product's lease ends; none where it has no end.
std::optional<double> lease_days(View product, WallTime now);

/// Why it is as it is, a sentence each; empty where there is nothing to explain.
std::vector<Line> reasons(View status, View product, WallTime now);

/// The codes of what is not as it should be: "hardware_changed", "suspected_clone", ...
std::vector<std::string> trouble_codes(View status, View product);

struct Upcoming {
    std::optional<WallTime> at;  ///< none: with an event that nobody can foretell
    std::string brief;           ///< for a table: "renews"
    std::string words;           ///< a sentence without its point
};
/// Soonest first.
std::vector<Upcoming> upcoming(View status, View product, WallTime now);

/// What somebody should do, often a command to type; empty where there is nothing.
std::vector<Line> advice(View status, View product, WallTime now);

}  // namespace latchkey::cli
