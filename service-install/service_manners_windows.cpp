#include "service-install/service_manners_windows.h"

#include <windows.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
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
    explicit operator bool() const { return handle_ != nullptr; }

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

struct Registration {
    std::wstring program;
    std::wstring account;
    DWORD start = 0;
};

std::optional<Registration> registration_of(SC_HANDLE service) {
    alignas(QUERY_SERVICE_CONFIGW) std::array<char, 8192> buffer{};  // the most that it can be
    auto* const found = reinterpret_cast<QUERY_SERVICE_CONFIGW*>(buffer.data());
    DWORD size = 0;
    if (!::QueryServiceConfigW(service, found, static_cast<DWORD>(buffer.size()), &size))
        return std::nullopt;
    const auto text = [](const wchar_t* told) { return std::wstring(told ? told : L""); };
    return Registration{text(found->lpBinaryPathName), text(found->lpServiceStartName),
                        found->dwStartType};
}

/// The word after `option`, as sc.exe reads them.
std::wstring told(const std::vector<std::string>& command, std::string_view option) {
    const auto at = std::find(command.begin(), command.end(), option);
    return at == command.end() || at + 1 == command.end() ? std::wstring{} : wide(*(at + 1));
}

bool is_same_account(const std::wstring& a, const std::wstring& b) {
    return ::CompareStringOrdinal(a.c_str(), -1, b.c_str(), -1, TRUE) == CSTR_EQUAL;
}

Failure failed(std::string_view what, const std::string& name) {
    return fail(Code::internal, platform::error_text(what, name, ::GetLastError()));
}

}  // namespace

Result<void> teach_manners(const std::string& name, const std::string& manners) {
    const Handle manager(::OpenSCManagerW(nullptr, nullptr, SC_MANAGER_CONNECT));
    if (!manager) return failed("cannot ask the service manager for", name);
    const Handle service(::OpenServiceW(manager.get(), wide(name).c_str(), SERVICE_CHANGE_CONFIG));
    if (!service) return failed("cannot open the service", name);
    std::string_view rest = manners;
    while (!rest.empty()) {
        const auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        const auto equals = std::min(line.find('='), line.size());
        const auto value = line.substr(std::min(line.size(), equals + 1));
        if (!tell_manner(service.get(), line.substr(0, equals), value))
            return failed("cannot set " + std::string(line) + " of", name);
    }
    return {};
}

Result<Outcome> set_back_service(const std::string& name, const std::vector<std::string>& command) {
    const Handle manager(::OpenSCManagerW(nullptr, nullptr, SC_MANAGER_CONNECT));
    if (!manager) return failed("cannot ask the service manager for", name);
    const Handle service(::OpenServiceW(manager.get(), wide(name).c_str(),
                                        SERVICE_QUERY_CONFIG | SERVICE_CHANGE_CONFIG));
    if (!service) return failed("cannot open the service", name);
    const auto found = registration_of(service.get());
    if (!found) return failed("cannot look at the service", name);
    const std::wstring program = told(command, "binPath=");
    const std::wstring account = told(command, "obj=");
    const bool right_account = is_same_account(found->account, account);
    const bool right_start = found->start == SERVICE_AUTO_START || found->start == SERVICE_DISABLED;
    if (found->program == program && right_account && right_start) return Outcome::unchanged;
    // The account is named where it changes alone: a virtual one has no password to go with it.
    if (!::ChangeServiceConfigW(service.get(), SERVICE_NO_CHANGE,
                                right_start ? SERVICE_NO_CHANGE : SERVICE_AUTO_START,
                                SERVICE_NO_CHANGE, program.c_str(), nullptr, nullptr, nullptr,
                                right_account ? nullptr : account.c_str(), nullptr, nullptr))
        return failed("cannot set back the service", name);
    return Outcome::done;
}

bool is_disabled(const std::string& name) {
    const Handle manager(::OpenSCManagerW(nullptr, nullptr, SC_MANAGER_CONNECT));
    const Handle service(
        manager ? ::OpenServiceW(manager.get(), wide(name).c_str(), SERVICE_QUERY_CONFIG)
                : nullptr);
    const auto found = service ? registration_of(service.get()) : std::nullopt;
    return found && found->start == SERVICE_DISABLED;
}

}  // namespace latchkey::service_install
