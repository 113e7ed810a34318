#pragma once

// Three kinds of time that must never be mixed: what the wall clock claims, how long this boot has
// lasted, and what a key server signed. They are three types without a now(): only platform/clock_*
// reads a clock; everyone else is told. Resolution is the millisecond. Range checks happen when
// text is parsed (years 1970 to 9999).

#include <chrono>
#include <compare>
#include <string>
#include <string_view>

#include "base/result.h"

namespace latchkey {

using Duration = std::chrono::milliseconds;
using Days = std::chrono::duration<std::int64_t, std::ratio<86400>>;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace detail {
template <class Tag>
struct NoClock {
    using duration = Duration;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<NoClock, duration>;
    static constexpr bool is_steady = false;
};
struct WallTag;
struct ServerTag;
struct BootTag;
}  // namespace detail

/// What the operating system's calendar clock claims. May jump either way, may be wrong by decades.
using WallTime = std::chrono::time_point<detail::NoClock<detail::WallTag>, Duration>;

/// An instant a key server signed. Same epoch as WallTime (Unix), other trust.
using ServerTime = std::chrono::time_point<detail::NoClock<detail::ServerTag>, Duration>;

/// Time since this boot, counting sleep. Comparable only under the same boot id.
using SinceBoot = std::chrono::time_point<detail::NoClock<detail::BootTag>, Duration>;

/// "2026-11-22T13:51:00Z" (RFC 3339, UTC, milliseconds only where not zero).
std::string format_rfc3339(WallTime t);
std::string format_rfc3339(ServerTime t);

/// Accepts RFC 3339 with 'Z' or a numeric offset and up to nine fractional digits (truncated to
/// milliseconds). A leap second (":60") is read as the second before. Fails with
/// Code::request_invalid.
Result<WallTime> parse_wall_time(std::string_view text);
Result<ServerTime> parse_server_time(std::string_view text);

/// A calendar date "2026-11-22" as its first instant in UTC.
Result<WallTime> parse_date(std::string_view text);

/// Crossing from one kind of time to another is a decision; these make it visible where it is
/// taken.
constexpr WallTime as_wall(ServerTime t) { return WallTime{t.time_since_epoch()}; }
constexpr ServerTime as_server(WallTime t) { return ServerTime{t.time_since_epoch()}; }

}  // namespace latchkey
