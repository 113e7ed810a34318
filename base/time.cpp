#include "base/time.h"

#include <array>
#include <cstdio>
#include <optional>

namespace latchkey {
namespace {

using std::chrono::day;
using std::chrono::month;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month_day;

std::string format_millis(Duration since_epoch) {
    const auto days = std::chrono::floor<std::chrono::days>(since_epoch);
    const year_month_day ymd{sys_days{days}};
    const std::int64_t ms = (since_epoch - days).count();
    std::array<char, 48> out{};
    int n = std::snprintf(out.data(), out.size(), "%04d-%02u-%02uT%02d:%02d:%02d",
                          static_cast<int>(ymd.year()), static_cast<unsigned>(ymd.month()),
                          static_cast<unsigned>(ymd.day()), static_cast<int>(ms / 3'600'000),
                          static_cast<int>(ms / 60'000 % 60), static_cast<int>(ms / 1000 % 60));
    std::string text(out.data(), static_cast<std::size_t>(n));
    if (ms % 1000 != 0) {
        n = std::snprintf(out.data(), out.size(), ".%03d", static_cast<int>(ms % 1000));
        text.append(out.data(), static_cast<std::size_t>(n));
    }
    return text + "Z";
}

/// Reads exactly `count` digits at the front of `rest`.
std::optional<int> take_digits(std::string_view& rest, std::size_t count) {
    if (rest.size() < count) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (rest[i] < '0' || rest[i] > '9') return std::nullopt;
        value = value * 10 + (rest[i] - '0');
    }
    rest.remove_prefix(count);
    return value;
}

bool take(std::string_view& rest, char c) {
    if (rest.empty() || rest.front() != c) return false;
    rest.remove_prefix(1);
    return true;
}

std::optional<Duration> take_date(std::string_view& rest) {
    const auto y = take_digits(rest, 4);
    if (!y || !take(rest, '-')) return std::nullopt;
    const auto m = take_digits(rest, 2);
    if (!m || !take(rest, '-')) return std::nullopt;
    const auto d = take_digits(rest, 2);
    if (!d) return std::nullopt;
    const year_month_day ymd{year{*y}, month{static_cast<unsigned>(*m)},
                             day{static_cast<unsigned>(*d)}};
    if (!ymd.ok() || *y < 1970) return std::nullopt;
    return sys_days{ymd}.time_since_epoch();
}

/// ".123456789" -> whole milliseconds; nothing there is zero.
std::optional<Duration> take_fraction(std::string_view& rest) {
    if (!take(rest, '.')) return Duration{0};
    int value = 0;
    std::size_t digits = 0;
    while (!rest.empty() && rest.front() >= '0' && rest.front() <= '9') {
        if (++digits > 9) return std::nullopt;
        if (digits <= 3) value = value * 10 + (rest.front() - '0');
        rest.remove_prefix(1);
    }
    if (digits == 0) return std::nullopt;
    for (std::size_t i = digits; i < 3; ++i) value *= 10;
    return Duration{value};
}

std::optional<Duration> take_offset(std::string_view& rest) {
    if (take(rest, 'Z') || take(rest, 'z')) return Duration{0};
    const bool east = take(rest, '+');
    if (!east && !take(rest, '-')) return std::nullopt;
    const auto h = take_digits(rest, 2);
    if (!h || *h > 23 || !take(rest, ':')) return std::nullopt;
    const auto m = take_digits(rest, 2);
    if (!m || *m > 59) return std::nullopt;
    const Duration offset = hours{*h} + minutes{*m};
    return east ? offset : -offset;
}

std::optional<Duration> parse_instant(std::string_view rest) {
    const auto date = take_date(rest);
    if (!date || !(take(rest, 'T') || take(rest, 't'))) return std::nullopt;
    const auto h = take_digits(rest, 2);
    if (!h || *h > 23 || !take(rest, ':')) return std::nullopt;
    const auto m = take_digits(rest, 2);
    if (!m || *m > 59 || !take(rest, ':')) return std::nullopt;
    const auto s = take_digits(rest, 2);
    if (!s || *s > 60) return std::nullopt;
    const auto fraction = take_fraction(rest);
    if (!fraction) return std::nullopt;
    const auto offset = take_offset(rest);
    if (!offset || !rest.empty()) return std::nullopt;
    return *date + hours{*h} + minutes{*m} + seconds{*s == 60 ? 59 : *s} + *fraction - *offset;
}

constexpr std::string_view kExpected = "expected a time like 2026-11-22T13:51:00Z (RFC 3339)";

}  // namespace

std::string format_rfc3339(WallTime t) { return format_millis(t.time_since_epoch()); }
std::string format_rfc3339(ServerTime t) { return format_millis(t.time_since_epoch()); }

Result<WallTime> parse_wall_time(std::string_view text) {
    if (const auto at = parse_instant(text)) return WallTime{*at};
    return fail(Code::request_invalid, std::string(kExpected));
}

Result<ServerTime> parse_server_time(std::string_view text) {
    if (const auto at = parse_instant(text)) return ServerTime{*at};
    return fail(Code::request_invalid, std::string(kExpected));
}

Result<WallTime> parse_date(std::string_view text) {
    if (const auto at = take_date(text); at && text.empty()) return WallTime{*at};
    return fail(Code::request_invalid, "expected a date like 2026-11-22");
}

}  // namespace latchkey
