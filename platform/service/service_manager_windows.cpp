#include "platform/service/service_manager_windows.h"

#include <tlhelp32.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "platform/handle_windows.h"

namespace latchkey::platform {
namespace {

// A service of a process of its own goes by whatever name it was registered with.
wchar_t kName[] = L"Latchkey";

/// Windows kills no service that does not stop: an update would wait for ever. The state bears a
/// kill at any moment, so past this the process ends itself. Less than the wait hint and the
/// preshutdown timeout that latchkey-service sets.
constexpr std::chrono::seconds kStopDeadline{15};
constexpr DWORD kStopWaitHint = 20'000;

constexpr DWORD kAccepted = SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN |
                            SERVICE_ACCEPT_PRESHUTDOWN | SERVICE_ACCEPT_PARAMCHANGE |
                            SERVICE_ACCEPT_POWEREVENT | SERVICE_ACCEPT_SESSIONCHANGE |
                            SERVICE_ACCEPT_TIMECHANGE;

class Manager {
public:
    bool answered() {
        const std::lock_guard lock(mutex_);
        return handle_ != nullptr;
    }

    /// On the service's thread: from its registration to STOPPED.
    void serve(LPHANDLER_FUNCTION_EX handler) {
        std::unique_lock lock(mutex_);
        handle_ = ::RegisterServiceCtrlHandlerExW(kName, handler, this);
        nobody_ = handle_ == nullptr;
        report(SERVICE_RUNNING);
        changed_.notify_all();
        if (nobody_) return;
        end_in_time(lock);
        report(SERVICE_STOPPED);
    }

    /// False where there is no manager after all.
    bool wait_for_the_answer() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return handle_ != nullptr || nobody_; });
        return handle_ != nullptr;
    }

    void nobody_waits_for_us() {
        const std::lock_guard lock(mutex_);
        nobody_ = true;
        changed_.notify_all();
    }

    void finished(int code) {
        const std::lock_guard lock(mutex_);
        exit_code_ = code;
        done_ = true;
        changed_.notify_all();
    }

    DWORD handle(DWORD control, DWORD event) {
        const auto call = service_call(control, event);
        if (call == ServiceCall::unknown) return ERROR_CALL_NOT_IMPLEMENTED;
        const std::lock_guard lock(mutex_);
        if (call == ServiceCall::stop) {
            stop_asked_ = true;
            changed_.notify_all();
            report(SERVICE_STOP_PENDING);
        }
        if (listener_ && call != ServiceCall::nothing) listener_(call);
        if (!listener_ && call == ServiceCall::reload) reload_asked_ = true;
        return NO_ERROR;
    }

    void hear(std::function<void(ServiceCall)> listener) {
        const std::lock_guard lock(mutex_);
        listener_ = std::move(listener);
        if (!listener_) return;
        if (std::exchange(reload_asked_, false)) listener_(ServiceCall::reload);
        if (stop_asked_) listener_(ServiceCall::stop);
    }

    void stopping() {
        const std::lock_guard lock(mutex_);
        report(SERVICE_STOP_PENDING);
    }

private:
    void end_in_time(std::unique_lock<std::mutex>& lock) {
        changed_.wait(lock, [&] { return done_ || stop_asked_; });
        if (changed_.wait_for(lock, kStopDeadline, [&] { return done_; })) return;
        // Asked for, so no failure: one would be started again in the middle of an update.
        report(SERVICE_STOPPED);
        ::TerminateProcess(::GetCurrentProcess(), 1);
    }

    /// With the mutex held. Nothing may follow STOPPED: the handle is no longer ours then.
    void report(DWORD state) {
        if (handle_ == nullptr || state_ == SERVICE_STOPPED) return;
        state_ = state;
        SERVICE_STATUS status{};
        status.dwServiceType = SERVICE_WIN32_OWN_PROCESS;
        status.dwCurrentState = state;
        status.dwControlsAccepted = state == SERVICE_RUNNING ? kAccepted : 0;
        if (state == SERVICE_STOP_PENDING) {
            status.dwCheckPoint = ++check_point_;
            status.dwWaitHint = kStopWaitHint;
        }
        if (exit_code_ != 0) {
            status.dwWin32ExitCode = ERROR_SERVICE_SPECIFIC_ERROR;
            status.dwServiceSpecificExitCode = static_cast<DWORD>(exit_code_);
        }
        ::SetServiceStatus(handle_, &status);
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    SERVICE_STATUS_HANDLE handle_ = nullptr;
    DWORD state_ = 0;
    DWORD check_point_ = 0;
    int exit_code_ = 0;
    bool stop_asked_ = false;
    bool reload_asked_ = false;  ///< what was to be read again may have been read before
    bool done_ = false;
    bool nobody_ = false;
    std::function<void(ServiceCall)> listener_;
};

/// Windows hands a service's function no context of ours.
Manager& manager() {
    static Manager only;
    return only;
}

DWORD WINAPI on_control(DWORD control, DWORD event, LPVOID, LPVOID context) {
    return static_cast<Manager*>(context)->handle(control, event);
}

void WINAPI service_main(DWORD, LPWSTR*) { manager().serve(on_control); }

void dispatch() {
    const SERVICE_TABLE_ENTRYW table[] = {{kName, service_main}, {nullptr, nullptr}};
    // Returns after STOPPED, or at once where no service manager waits for us.
    if (!::StartServiceCtrlDispatcherW(table)) manager().nobody_waits_for_us();
}

/// The service manager starts its services itself. Where it did not, asking it would only take
/// time: Wine's makes a program wait ten seconds. False only where that is known.
bool may_be_a_service() {
    const UniqueHandle processes(::CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0));
    std::map<DWORD, PROCESSENTRY32W> known;
    PROCESSENTRY32W entry{};
    entry.dwSize = sizeof entry;
    for (BOOL more = ::Process32FirstW(processes.get(), &entry); more;
         more = ::Process32NextW(processes.get(), &entry))
        known[entry.th32ProcessID] = entry;
    const auto own = known.find(::GetCurrentProcessId());
    if (own == known.end()) return true;
    const auto parent = known.find(own->second.th32ParentProcessID);
    return parent != known.end() && ::lstrcmpiW(parent->second.szExeFile, L"services.exe") == 0;
}

}  // namespace

ServiceCall service_call(DWORD control, DWORD event) {
    switch (control) {
        case SERVICE_CONTROL_STOP:
        case SERVICE_CONTROL_SHUTDOWN:
        case SERVICE_CONTROL_PRESHUTDOWN:
            return ServiceCall::stop;
        case SERVICE_CONTROL_PARAMCHANGE:
            return ServiceCall::reload;
        case SERVICE_CONTROL_TIMECHANGE:
            return ServiceCall::look_again;
        case SERVICE_CONTROL_POWEREVENT:
            return event == PBT_APMRESUMESUSPEND || event == PBT_APMRESUMEAUTOMATIC
                       ? ServiceCall::look_again
                       : ServiceCall::nothing;
        case SERVICE_CONTROL_SESSIONCHANGE:
            return event == WTS_SESSION_LOGON || event == WTS_SESSION_UNLOCK
                       ? ServiceCall::look_again
                       : ServiceCall::nothing;
        case SERVICE_CONTROL_INTERROGATE:
            return ServiceCall::nothing;
        default:
            return ServiceCall::unknown;
    }
}

bool is_run_by_service_manager() { return manager().answered(); }

void hear_service_manager(std::function<void(ServiceCall)> listener) {
    manager().hear(std::move(listener));
}

void tell_service_manager_stopping() { manager().stopping(); }

int run_as_service(const std::function<int()>& body) {
    if (!may_be_a_service()) return body();
    std::thread dispatcher(dispatch);
    const bool is_service = manager().wait_for_the_answer();
    const int code = body();
    if (is_service) manager().finished(code);
    dispatcher.join();
    return code;
}

}  // namespace latchkey::platform
