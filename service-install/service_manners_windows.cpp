#include "service-install/service_manners_windows.h"

#include <windows.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "platform/text_windows.h"

namespace latchkey::service_install {
namespace {

using platform::wide;

class Handle {
public:
    explicit Handle(SC_HANDLE handle) : handle_(handle) {}
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() {
        if (handle_ != nullptr) ::CloseServiceHandle(handle_);
    }
    SC_HANDLE get() const { return handle_; }

private:
    SC_HANDLE handle_;
};

/// False where it failed; what an old service manager has no idea of has not.
bool tell(SC_HANDLE service, DWORD level, void* what) {
    if (::ChangeServiceConfig2W(service, level, what)) return true;
    const DWORD error = ::GetLastError();
    return error == ERROR_INVALID_LEVEL || error == ERROR_CALL_NOT_IMPLEMENTED;
}

bool tell_manner(SC_HANDLE service, std::string_view name, std::string_view value) {
    if (name == "preshutdown_milliseconds") {
        SERVICE_PRESHUTDOWN_INFO info{};
        std::from_chars(value.data(), value.data() + value.size(), info.dwPreshutdownTimeout);
        return tell(service, SERVICE_CONFIG_PRESHUTDOWN_INFO, &info);
    }
    if (name == "sid") {
        SERVICE_SID_INFO info{};
        info.dwServiceSidType = value == "unrestricted" ? SERVICE_SID_TYPE_UNRESTRICTED : 0;
        return tell(service, SERVICE_CONFIG_SERVICE_SID_INFO, &info);
    }
    if (name == "privileges") {
        std::wstring list = wide(value) + L",";
        std::replace(list.begin(), list.end(), L',', L'\0');  // one more is the string's own
        SERVICE_REQUIRED_PRIVILEGES_INFOW info{list.data()};
        return tell(service, SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO, &info);
    }
    if (name == "errors_are_failures") {
        SERVICE_FAILURE_ACTIONS_FLAG info{};
        info.fFailureActionsOnNonCrashFailures = value == "yes";
        return tell(service, SERVICE_CONFIG_FAILURE_ACTIONS_FLAG, &info);
    }
    ::SetLastError(ERROR_INVALID_NAME);
    return false;
}

}  // namespace

Result<void> teach_manners(const std::string& name, const std::string& manners) {
    const auto failed = [&](std::string_view what) {
        return fail(Code::internal, platform::error_text(what, name, ::GetLastError()));
    };
    const Handle manager(::OpenSCManagerW(nullptr, nullptr, SC_MANAGER_CONNECT));
    if (manager.get() == nullptr) return failed("cannot ask the service manager for");
    const Handle service(::OpenServiceW(manager.get(), wide(name).c_str(), SERVICE_CHANGE_CONFIG));
    if (service.get() == nullptr) return failed("cannot open the service");
    std::string_view rest = manners;
    while (!rest.empty()) {
        const auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        const auto equals = std::min(line.find('='), line.size());
        const auto value = line.substr(std::min(line.size(), equals + 1));
        if (!tell_manner(service.get(), line.substr(0, equals), value))
            return failed("cannot set " + std::string(line) + " of");
    }
    return {};
}

}  // namespace latchkey::service_install
