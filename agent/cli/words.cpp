#include "agent/cli/words.h"

#include <array>

#include "base/printable.h"

namespace latchkey::cli {
namespace {

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kHoursADay = 24;
constexpr std::int64_t kDay = kHoursADay * kHour;

std::int64_t rounded(std::int64_t seconds, std::int64_t unit) {
    return (seconds + unit / 2) / unit;
}

struct StateWords {
    std::string_view state;
    std::string_view words;
    std::string_view brief;
    Tone tone;
};

constexpr std::array kStates{
    StateWords{"unlicensed", "not licensed", "not licensed", Tone::bad},
    StateWords{"licensed", "licensed", "licensed", Tone::good},
    StateWords{"initial_grace", "in grace, not activated yet", "in grace", Tone::warning},
    StateWords{"extended_grace", "in grace, extended by rearm", "in grace (rearm)", Tone::warning},
    StateWords{"out_of_tolerance_grace", "in grace, must be activated again", "activate again",
               Tone::warning},
    StateWords{"non_genuine_grace", "in its notice period, license revoked or blocked", "revoked",
               Tone::bad},
    StateWords{"notification", "grace has ended", "grace has ended", Tone::bad},
    StateWords{"not_required", "needs no activation", "nothing needed", Tone::good},
};

const StateWords* find_state(std::string_view state) {
    for (const auto& row : kStates)
        if (row.state == state) return &row;
    return nullptr;
}

}  // namespace

std::string counted(std::int64_t count, std::string_view noun) {
    std::string text = std::to_string(count) + " ";
    text.append(noun);
    return count == 1 ? text : text + "s";
}

std::string duration_words(std::int64_t seconds) {
    if (seconds < kMinute) return "less than a minute";
    const std::int64_t minutes = rounded(seconds, kMinute);
    if (minutes < kHour / kMinute) return counted(minutes, "minute");
    const std::int64_t hours = rounded(seconds, kHour);
    if (hours < kHoursADay) return counted(hours, "hour");
    if (hours >= 3 * kHoursADay) return counted(rounded(seconds, kDay), "day");
    const std::string days = counted(hours / kHoursADay, "day");
    return hours % kHoursADay == 0 ? days : days + " " + counted(hours % kHoursADay, "hour");
}

std::string date_of(std::string_view rfc3339) { return printable(rfc3339.substr(0, 10)); }

std::string minute_of(std::string_view rfc3339) {
    if (rfc3339.size() < 17 || rfc3339[10] != 'T' || rfc3339.back() != 'Z')
        return printable(rfc3339);
    return printable(rfc3339.substr(0, 10)) + " " + printable(rfc3339.substr(11, 5)) + " UTC";
}

std::optional<WallTime> time_of(View text) {
    if (text.text().empty()) return std::nullopt;
    const auto at = parse_wall_time(text.text());
    return at ? std::optional(*at) : std::nullopt;
}

WallTime now_of(View status, WallTime fallback) {
    return time_of(status["agent"]["now"]).value_or(fallback);
}

std::string distance_words(WallTime at, WallTime now) {
    const auto distance = std::chrono::duration_cast<seconds>(at - now).count();
    if (distance > -kMinute && distance < kMinute) return distance > 0 ? "now" : "just now";
    return distance > 0 ? "in " + duration_words(distance) : duration_words(-distance) + " ago";
}

std::string when_words(WallTime at, WallTime now) {
    const std::string text = format_rfc3339(at);
    const bool near = at - now < Days{3} && now - at < Days{3};
    return (near ? minute_of(text) : date_of(text)) + " (" + distance_words(at, now) + ")";
}

std::string state_words(std::string_view state) {
    const auto* const known = find_state(state);
    return known ? std::string(known->words) : printable(state);
}

std::string short_state_words(std::string_view state) {
    const auto* const known = find_state(state);
    return known ? std::string(known->brief) : printable(state);
}

Tone state_tone(std::string_view state) {
    const auto* const known = find_state(state);
    return known ? known->tone : Tone::plain;
}

bool is_grace(std::string_view state) { return state.ends_with("_grace"); }

std::string activations_words(View activations) {
    const auto used = activations["used"].number();
    const auto limit = activations["limit"].number();
    if (!used || !limit) return "-";
    const std::int64_t left = activations["left"].number().value_or(*limit - *used);
    return std::to_string(*used) + " of " + std::to_string(*limit) + " used, " +
           std::to_string(left) + " left";
}

std::string verdict_words(std::string_view verdict, bool significant,
                          std::optional<bool> changed_any) {
    if (verdict == "different") return "a different machine";
    if (verdict == "insufficient") return "too little evidence to tell";
    if (verdict != "same") return printable(verdict);
    if (significant) return "the same machine, significantly changed";
    if (!changed_any) return "the same machine";
    return *changed_any ? "the same machine, changed but not significantly"
                        : "the same machine, unchanged";
}

std::string because_lines(View reasons) {
    std::string lines;
    for (const auto& reason : reasons.items())
        lines += "  - " + printable(View(reason).text()) + "\n";
    return lines;
}

}  // namespace latchkey::cli
