// Clock, places, users: what Windows says of itself.

#include <windows.h>

#include <gtest/gtest.h>

#include <array>

#include "base/path_text.h"
#include "platform/clock.h"
#include "platform/clock_ticks.h"
#include "platform/endpoint/pipe_windows.h"
#include "platform/open_files.h"
#include "platform/paths.h"
#include "platform/privileges.h"
#include "platform/random.h"
#include "platform/security_windows.h"

namespace latchkey::platform {
namespace {

TEST(SystemClock, time_since_boot_agrees_with_the_systems_own_count) {
    const auto now = system_clock()->now().since_boot.time_since_epoch();
    EXPECT_NEAR(static_cast<double>(now.count()), static_cast<double>(::GetTickCount64()), 30'000);
}

TEST(SystemClock, time_since_boot_never_runs_backwards) {
    const auto clock = system_clock();
    auto before = clock->now();
    for (int i = 0; i < 1000; ++i) {
        const auto after = clock->now();
        ASSERT_GE(after.since_boot, before.since_boot);
        ASSERT_EQ(after.boot_id, before.boot_id);
        before = after;
    }
    EXPECT_GE(ticks_since_boot(), before.since_boot);
    EXPECT_GT(monotonic_microseconds(), 0u);
}

TEST(SystemClock, every_process_of_a_boot_names_it_alike) {
    EXPECT_EQ(system_clock()->now().boot_id, system_clock()->now().boot_id);
    EXPECT_EQ(system_clock()->now().boot_id.rfind("process-", 0), std::string::npos)
        << "the system says when it was booted";
}

TEST(SystemClock, the_calendar_counts_from_1970) {
    SYSTEMTIME now{};
    ::GetSystemTime(&now);
    const double years =
        static_cast<double>(calendar_time().time_since_epoch() / hours(24)) / 365.2425 + 1970;
    EXPECT_NEAR(years, now.wYear + (now.wMonth - 1) / 12.0, 0.2);
}

TEST(Random, two_draws_differ) {
    std::array<std::uint8_t, 32> first{};
    std::array<std::uint8_t, 32> second{};
    fill_random(first);
    fill_random(second);
    EXPECT_NE(first, second);
}

TEST(Paths, are_the_documented_ones) {
    const auto& paths = default_paths();
    EXPECT_TRUE(utf8_text(paths.config_file).ends_with(R"(\Latchkey\agent.toml)"))
        << paths.config_file;
    EXPECT_TRUE(utf8_text(paths.state_dir).ends_with(R"(\Latchkey\state)"));
    EXPECT_TRUE(utf8_text(paths.anchor_dir).ends_with(R"(\Latchkey\anchor)"));
    EXPECT_TRUE(paths.config_file.is_absolute());
    EXPECT_EQ(utf8_text(paths.endpoint), R"(\\.\pipe\latchkey-agent)");
    EXPECT_TRUE(is_absolute_place(paths.endpoint)) << "[paths] socket wants an absolute one";
    EXPECT_EQ(os_name(), "windows");
}

TEST(Privileges, somebody_runs_this_somewhere) {
    EXPECT_FALSE(user_name().empty());
    EXPECT_FALSE(host_name().empty());
    EXPECT_EQ(own_user().text().rfind("S-1-", 0), 0u);
}

TEST(Users, the_services_account_is_the_one_that_windows_makes_of_its_name) {
    using Make = LONG(WINAPI*)(void* name, PSID sid, ULONG* size);
    const auto make = reinterpret_cast<Make>(reinterpret_cast<void*>(
        ::GetProcAddress(::GetModuleHandleW(L"ntdll.dll"), "RtlCreateServiceSid")));
    if (make == nullptr) GTEST_SKIP() << "Wine does not make such names";
    std::array<wchar_t, 9> name{L"Latchkey"};
    struct {
        USHORT length, most;
        wchar_t* text;
    } text{16, 18, name.data()};
    std::array<std::uint8_t, SECURITY_MAX_SID_SIZE> sid{};
    ULONG size = sid.size();
    ASSERT_EQ(make(&text, sid.data(), &size), 0);
    EXPECT_EQ(Sid(sid.data()), agent_service());
}

TEST(PipeNames, are_told_from_paths) {
    EXPECT_TRUE(is_pipe_name(R"(\\.\pipe\latchkey-agent)"));
    EXPECT_TRUE(is_pipe_name(R"(\\.\PIPE\x)"));
    for (const char* bad :
         {R"(\\.\pipe\)", R"(\\server\pipe\x)", R"(C:\x)", "x", "", R"(\\.\pipe\a\b)"})
        EXPECT_FALSE(is_pipe_name(bad)) << bad;
    EXPECT_FALSE(is_pipe_name(LR"(\\.\pipe\)" + std::wstring(300, L'x')));
}

TEST(OpenFiles, are_as_many_as_are_wanted) { EXPECT_EQ(allow_open_files(100'000), 100'000u); }

}  // namespace
}  // namespace latchkey::platform
