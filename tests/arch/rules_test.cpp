// Rules of CONTRIBUTING.md that a reader of the text can check: clocks, platform conditionals,
// seams, sizes.

#include <gtest/gtest.h>

#include <algorithm>
#include <regex>

#include "tests/arch/source_tree.h"

namespace latchkey::arch {
namespace {

/// "path:line" of every line of shipped code whose code matches, but for the files that `excused`
/// names.
template <class Excused>
std::vector<std::string> places_of(const std::regex& pattern, Excused excused) {
    std::vector<std::string> places;
    for (const auto& source : sources()) {
        if (source.is_test() || excused(source.path)) continue;
        for (const auto& line : source.lines)
            if (std::regex_search(code_of(line.text), pattern))
                places.push_back(source.path + ":" + std::to_string(line.number) + ": " +
                                 line.text);
    }
    return places;
}

std::string join(const std::vector<std::string>& lines) {
    std::string all;
    for (const auto& line : lines) all += "\n  " + line;
    return all;
}

const std::regex kClock(
    R"(\b(system_clock|steady_clock|high_resolution_clock|utc_clock)\s*::\s*now|\b(clock_gettime|gettimeofday|GetSystemTime\w*|GetTickCount\w*|mach_continuous_time)\b|\b(std::)?time\s*\(\s*(NULL|nullptr|0|&))");
const std::regex kPlatformConditional(
    R"(^\s*#\s*(if|ifdef|ifndef|elif|elifdef)\b.*(_WIN32|__APPLE__|__linux__|__unix__|BOOST_OS|_MSC_VER))");
const std::regex kEnvironment(R"(\b(secure_)?getenv\b)");
const std::regex kTimeZone(
    R"(\b(localtime(_r|_s)?|mktime|tzset|strftime|current_zone|locate_zone|zoned_time)\b)");
const std::regex kNarrowPath(R"(\.(generic_)?string\(\))");
const std::regex kDestroyedThreadLocal(R"(\bthread_local\b(?![^;=(){}]*\*\s*\w+\s*=))");
const std::regex kConditionalAwait(R"((^|[^:])[?:]\s*co_await\b)");
const std::regex kVerifiedMaker(R"(\bVerifiedMaker\b)");

TEST(Rules, only_the_clock_rooms_read_a_clock) {
    const auto places = places_of(
        kClock, [](const std::string& path) { return path.starts_with("platform/clock_"); });
    EXPECT_TRUE(places.empty()) << join(places);
}

// The log's lines carry the local time with its offset; nothing else knows of time zones.
TEST(Rules, no_decision_depends_on_a_time_zone) {
    const auto places = places_of(kTimeZone, [](const std::string&) { return false; });
    EXPECT_TRUE(places.empty()) << join(places);
}

TEST(Rules, no_platform_conditional_outside_its_rooms) {
    const auto places = places_of(kPlatformConditional, [](const std::string& path) {
        return path.starts_with("platform/") || path.starts_with("service-install/");
    });
    EXPECT_TRUE(places.empty()) << join(places);
}

// A variable that replaced hardware or clock would be a bypass. These files read the environment
// for what their system defines there (service manager, trusted certificates, proxy, colours), and
// nothing else may.
TEST(Rules, the_environment_is_read_in_few_named_places) {
    const std::vector<std::string> allowed{"platform/hardware/service_credential_linux.cpp",
                                           "platform/service/service_host_linux.cpp",
                                           "platform/service/system_log_linux.cpp",
                                           "platform/trust/trust_store_linux.cpp",
                                           "agent/net/proxy.cpp",
                                           "agent/cli/terminal.cpp",
                                           "agent/cli/terminal_posix.cpp",
                                           "agent/cli/terminal_windows.cpp"};
    const auto places = places_of(kEnvironment, [&](const std::string& path) {
        return std::find(allowed.begin(), allowed.end(), path) != allowed.end();
    });
    EXPECT_TRUE(places.empty()) << join(places);
}

// path.string() is UTF-8 on every system but Windows (base/path_text.h).
TEST(Rules, what_runs_on_windows_does_not_ask_a_path_for_its_narrow_string) {
    const auto places = places_of(kNarrowPath, [](const std::string& path) {
        return path.starts_with("keyserver/") || path.find("_linux.") != std::string::npos ||
               path.find("_posix.") != std::string::npos;
    });
    EXPECT_TRUE(places.empty()) << join(places);
}

// MinGW's runtime gives the memory of a thread's objects back before it destroys them (GCC bug
// 80816): what is kept for a thread is a pointer to what somebody else owns.
TEST(Rules, what_is_kept_for_a_thread_needs_no_destructor) {
    const auto places = places_of(kDestroyedThreadLocal, [](const std::string&) { return false; });
    EXPECT_TRUE(places.empty()) << join(places);
}

// GCC 12 destroys the temporaries of a conditional expression that awaits twice, or those of the
// branch that was not taken: a value from one is memory that was freed. An `if` does not.
TEST(Rules, a_conditional_expression_awaits_nothing) {
    const auto places = places_of(kConditionalAwait, [](const std::string&) { return false; });
    EXPECT_TRUE(places.empty()) << join(places);
}

TEST(Rules, only_licensing_makes_verified_values) {
    const auto places = places_of(
        kVerifiedMaker, [](const std::string& path) { return path.starts_with("licensing/"); });
    EXPECT_TRUE(places.empty()) << join(places);
}

TEST(Rules, rooms_stay_small) {
    for (const auto& source : sources()) {
        const std::size_t limit = source.path.ends_with(".h") ? 180 : 450;
        EXPECT_LE(source.lines.size(), limit)
            << source.path << " has grown into two rooms; part them";
    }
}

TEST(Rules, headers_are_guarded_by_pragma_once) {
    for (const auto& source : sources()) {
        if (!source.path.ends_with(".h")) continue;
        const bool guarded =
            std::any_of(source.lines.begin(), source.lines.end(),
                        [](const auto& line) { return line.text == "#pragma once"; });
        EXPECT_TRUE(guarded) << source.path;
    }
}

TEST(Rules, the_patterns_can_fail) {
    EXPECT_TRUE(std::regex_search("auto t = std::chrono::system_clock::now();", kClock));
    EXPECT_TRUE(std::regex_search("::time(nullptr)", kClock));
    EXPECT_FALSE(std::regex_search("state.next_time(now)", kClock));
    EXPECT_TRUE(std::regex_search("::localtime_r(&t, &out)", kTimeZone));
    EXPECT_TRUE(std::regex_search("#ifdef _WIN32", kPlatformConditional));
    EXPECT_FALSE(std::regex_search("#ifdef NDEBUG", kPlatformConditional));
    EXPECT_TRUE(std::regex_search("std::getenv(name)", kEnvironment));
    EXPECT_TRUE(std::regex_search("path.string() + \": \"", kNarrowPath));
    EXPECT_FALSE(std::regex_search("value.as_string()", kNarrowPath));
    EXPECT_TRUE(std::regex_search("thread_local std::string text;", kDestroyedThreadLocal));
    EXPECT_TRUE(std::regex_search("thread_local Kept kept = f(*x);", kDestroyedThreadLocal));
    EXPECT_FALSE(
        std::regex_search("thread_local const Kept* kept = nullptr;", kDestroyedThreadLocal));
    EXPECT_TRUE(std::regex_search("done = has_key ? co_await ask() : None{};", kConditionalAwait));
    EXPECT_TRUE(std::regex_search("    : co_await ask();", kConditionalAwait));
    EXPECT_FALSE(std::regex_search("co_return co_await ask();", kConditionalAwait));
    EXPECT_EQ(code_of("x = \"// in a string\"; // time(0)"), "x = \"\"; ");
}

}  // namespace
}  // namespace latchkey::arch
