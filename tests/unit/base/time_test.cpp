#include "base/time.h"

#include <gtest/gtest.h>

namespace latchkey {
namespace {

WallTime at(std::int64_t ms) { return WallTime{Duration{ms}}; }

TEST(Time, formats_rfc3339_with_milliseconds_only_where_there_are_some) {
    EXPECT_EQ(format_rfc3339(at(0)), "1970-01-01T00:00:00Z");
    EXPECT_EQ(format_rfc3339(at(1'795'355'460'000)), "2026-11-22T13:51:00Z");
    EXPECT_EQ(format_rfc3339(at(1'795'355'460'007)), "2026-11-22T13:51:00.007Z");
    EXPECT_EQ(format_rfc3339(at(-1)), "1969-12-31T23:59:59.999Z");
}

TEST(Time, parses_what_it_formats_beyond_2038_and_2106) {
    for (const std::int64_t ms :
         {0LL, 2'147'483'648'000LL, 4'294'967'296'000LL, 253'402'300'799'999LL}) {
        EXPECT_EQ(parse_wall_time(format_rfc3339(at(ms))).value(), at(ms));
    }
}

TEST(Time, offsets_fractions_and_leap_seconds_are_understood) {
    EXPECT_EQ(parse_wall_time("2026-11-22T14:51:00+01:00").value(), at(1'795'355'460'000));
    EXPECT_EQ(parse_wall_time("2026-11-22T13:51:00.123456789Z").value(), at(1'795'355'460'123));
    EXPECT_EQ(parse_wall_time("2016-12-31T23:59:60Z").value(),
              parse_wall_time("2016-12-31T23:59:59Z").value());
    EXPECT_EQ(parse_wall_time("2024-02-29T00:00:00Z").value() -
                  parse_wall_time("2024-02-28T00:00:00Z").value(),
              hours{24});
}

TEST(Time, refuses_what_is_not_a_time) {
    for (const auto* text :
         {"", "2026", "2026-11-22", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z",
          "2026-11-22T24:00:00Z", "2026-11-22T13:51:00", "2026-11-22T13:51:00.Z",
          "2026-11-22T13:51:00Zx", "1969-12-31T23:59:59Z", "2026-11-22T13:51:00.1234567890Z",
          "-026-11-22T13:51:00Z", "2026-11-22T13:51:00+24:00"}) {
        const auto parsed = parse_wall_time(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().code, Code::request_invalid);
    }
}

TEST(Time, dates_are_their_first_instant) {
    EXPECT_EQ(format_rfc3339(parse_date("2027-06-30").value()), "2027-06-30T00:00:00Z");
    EXPECT_FALSE(parse_date("2027-06-31"));
    EXPECT_FALSE(parse_date("2027-06-30T00:00:00Z"));
}

}  // namespace
}  // namespace latchkey
