#include <windows.h>

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "base/path_text.h"
#include "platform/handle_windows.h"
#include "platform/random.h"
#include "platform/service/service_host.h"
#include "platform/service/service_manager_windows.h"
#include "platform/text_windows.h"

namespace latchkey::platform {
namespace {

std::wstring beside_this_program(const wchar_t* name) {
    std::wstring path(32'768, L'\0');
    path.resize(::GetModuleFileNameW(nullptr, path.data(), static_cast<DWORD>(path.size())));
    return (std::filesystem::path(path).parent_path() / name).wstring();
}

/// service_sample.exe, known to the service manager while this lives.
class Sample {
public:
    explicit Sample(const std::string& mode)
        : name_("latchkey-test-" + number() + "-" + mode),
          manager_(::OpenSCManagerW(nullptr, nullptr, SC_MANAGER_ALL_ACCESS)) {
        const std::wstring line =
            L"\"" + beside_this_program(L"service_sample.exe") + L"\" " + wide(name_ + " " + mode);
        service_ =
            ::CreateServiceW(manager_, wide(name_).c_str(), L"", SERVICE_ALL_ACCESS,
                             SERVICE_WIN32_OWN_PROCESS, SERVICE_DEMAND_START, SERVICE_ERROR_NORMAL,
                             line.c_str(), nullptr, nullptr, nullptr, nullptr, nullptr);
        works = event("works");
        reloaded = event("reloaded");
        go = event("go");
    }
    Sample(const Sample&) = delete;
    Sample& operator=(const Sample&) = delete;
    ~Sample() {
        ::DeleteService(service_);
        ::CloseServiceHandle(service_);
        ::CloseServiceHandle(manager_);
    }

    bool start() {
        if (!::StartServiceW(service_, 0, nullptr)) return false;
        process_ = UniqueHandle(::OpenProcess(SYNCHRONIZE, FALSE, status().dwProcessId));
        return true;
    }
    bool control(DWORD what) {
        SERVICE_STATUS ignored{};
        return ::ControlService(service_, what, &ignored) != 0;
    }
    SERVICE_STATUS_PROCESS status() {
        SERVICE_STATUS_PROCESS found{};
        DWORD size = 0;
        ::QueryServiceStatusEx(service_, SC_STATUS_PROCESS_INFO, reinterpret_cast<BYTE*>(&found),
                               sizeof found, &size);
        return found;
    }
    SERVICE_STATUS_PROCESS status_at_the_end() {
        if (process_) wait(process_);
        return status();
    }
    static void wait(const UniqueHandle& what) { ::WaitForSingleObject(what.get(), INFINITE); }

    UniqueHandle works;
    UniqueHandle reloaded;
    UniqueHandle go;

private:
    /// Wine counts processes alike in every session, and one that was killed leaves its services.
    static std::string number() {
        std::array<std::uint8_t, 4> bytes{};
        fill_random(bytes);
        std::string text;
        for (const int byte : bytes) text += std::to_string(byte);
        return text;
    }
    UniqueHandle event(const char* what) {
        return UniqueHandle(
            ::CreateEventW(nullptr, TRUE, FALSE, wide("Global\\" + name_ + "-" + what).c_str()));
    }

    std::string name_;
    SC_HANDLE manager_;
    SC_HANDLE service_;
    UniqueHandle process_;
};

TEST(ServiceHost, the_manager_hears_running_before_the_service_works) {
    Sample sample("held");
    ASSERT_TRUE(sample.start());
    Sample::wait(sample.works);
    EXPECT_EQ(sample.status().dwCurrentState, DWORD{SERVICE_RUNNING});
    ::SetEvent(sample.go.get());
    EXPECT_TRUE(sample.control(SERVICE_CONTROL_STOP));
    EXPECT_EQ(sample.status_at_the_end().dwCurrentState, DWORD{SERVICE_STOPPED});
}

TEST(ServiceHost, a_stop_ends_it_without_an_error) {
    Sample sample("run");
    ASSERT_TRUE(sample.start());
    Sample::wait(sample.works);
    EXPECT_TRUE(sample.control(SERVICE_CONTROL_STOP));
    const auto end = sample.status_at_the_end();
    EXPECT_EQ(end.dwCurrentState, DWORD{SERVICE_STOPPED});
    EXPECT_EQ(end.dwWin32ExitCode, DWORD{NO_ERROR});
}

TEST(ServiceHost, a_stop_before_it_listens_is_not_lost) {
    Sample sample("held");
    ASSERT_TRUE(sample.start());
    Sample::wait(sample.works);
    EXPECT_TRUE(sample.control(SERVICE_CONTROL_STOP));
    const auto meanwhile = sample.status();
    EXPECT_EQ(meanwhile.dwCurrentState, DWORD{SERVICE_STOP_PENDING});
    EXPECT_GT(meanwhile.dwWaitHint, DWORD{0});
    ::SetEvent(sample.go.get());
    const auto end = sample.status_at_the_end();
    EXPECT_EQ(end.dwCurrentState, DWORD{SERVICE_STOPPED});
    EXPECT_EQ(end.dwWin32ExitCode, DWORD{NO_ERROR});
}

TEST(ServiceHost, one_that_fails_at_once_is_stopped_and_says_how) {
    Sample sample("fail");
    ASSERT_TRUE(sample.start());
    const auto end = sample.status_at_the_end();
    EXPECT_EQ(end.dwCurrentState, DWORD{SERVICE_STOPPED});
    EXPECT_EQ(end.dwWin32ExitCode, DWORD{ERROR_SERVICE_SPECIFIC_ERROR});
    EXPECT_EQ(end.dwServiceSpecificExitCode, 78u);
}

TEST(ServiceHost, a_parameter_change_is_a_reload) {
    Sample sample("run");
    ASSERT_TRUE(sample.start());
    Sample::wait(sample.works);
    EXPECT_TRUE(sample.control(SERVICE_CONTROL_PARAMCHANGE));
    Sample::wait(sample.reloaded);
    EXPECT_TRUE(sample.control(SERVICE_CONTROL_STOP));
    sample.status_at_the_end();
}

TEST(ServiceHost, a_reload_before_it_listens_is_not_lost) {
    Sample sample("held");
    ASSERT_TRUE(sample.start());
    Sample::wait(sample.works);
    EXPECT_TRUE(sample.control(SERVICE_CONTROL_PARAMCHANGE));
    ::SetEvent(sample.go.get());
    Sample::wait(sample.reloaded);
    EXPECT_TRUE(sample.control(SERVICE_CONTROL_STOP));
    sample.status_at_the_end();
}

TEST(ServiceHost, one_that_does_not_stop_is_ended) {
    Sample sample("stuck");
    ASSERT_TRUE(sample.start());
    Sample::wait(sample.works);
    EXPECT_TRUE(sample.control(SERVICE_CONTROL_STOP));
    const auto end = sample.status_at_the_end();
    EXPECT_EQ(end.dwCurrentState, DWORD{SERVICE_STOPPED});
    EXPECT_EQ(end.dwWin32ExitCode, DWORD{NO_ERROR}) << "a failure would be started again";
}

TEST(ServiceHost, in_a_terminal_there_is_nobody_to_answer) {
    EXPECT_EQ(run_for_service_manager([] { return 5; }), 5);
    EXPECT_FALSE(is_run_by_service_manager());
}

TEST(ServiceHost, knows_what_each_control_asks) {
    EXPECT_EQ(service_call(SERVICE_CONTROL_STOP, 0), ServiceCall::stop);
    EXPECT_EQ(service_call(SERVICE_CONTROL_SHUTDOWN, 0), ServiceCall::stop);
    EXPECT_EQ(service_call(SERVICE_CONTROL_PRESHUTDOWN, 0), ServiceCall::stop);
    EXPECT_EQ(service_call(SERVICE_CONTROL_PARAMCHANGE, 0), ServiceCall::reload);
    EXPECT_EQ(service_call(SERVICE_CONTROL_TIMECHANGE, 0), ServiceCall::look_again);
    EXPECT_EQ(service_call(SERVICE_CONTROL_POWEREVENT, PBT_APMRESUMEAUTOMATIC),
              ServiceCall::look_again);
    EXPECT_EQ(service_call(SERVICE_CONTROL_POWEREVENT, PBT_APMRESUMESUSPEND),
              ServiceCall::look_again);
    EXPECT_EQ(service_call(SERVICE_CONTROL_POWEREVENT, PBT_APMSUSPEND), ServiceCall::nothing);
    EXPECT_EQ(service_call(SERVICE_CONTROL_SESSIONCHANGE, WTS_SESSION_LOGON),
              ServiceCall::look_again);
    EXPECT_EQ(service_call(SERVICE_CONTROL_SESSIONCHANGE, WTS_SESSION_LOCK), ServiceCall::nothing);
    EXPECT_EQ(service_call(SERVICE_CONTROL_INTERROGATE, 0), ServiceCall::nothing);
    EXPECT_EQ(service_call(SERVICE_CONTROL_PAUSE, 0), ServiceCall::unknown);
}

}  // namespace
}  // namespace latchkey::platform
