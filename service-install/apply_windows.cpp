#include <windows.h>

#include <array>
#include <filesystem>
#include <optional>
#include <string_view>

#include "base/path_text.h"
#include "platform/endpoint/local_client.h"
#include "platform/handle_windows.h"
#include "platform/paths.h"
#include "platform/secure_file.h"
#include "platform/security_windows.h"
#include "platform/text_windows.h"
#include "service-install/apply.h"
#include "service-install/folders_windows.h"
#include "service-install/perform.h"
#include "service-install/run_command.h"
#include "service-install/service_manners_windows.h"

namespace latchkey::service_install {
namespace {

namespace fs = std::filesystem;
using platform::error_text;
using platform::wide;

class ServiceHandle {
public:
    explicit ServiceHandle(SC_HANDLE handle) : handle_(handle) {}
    ServiceHandle(const ServiceHandle&) = delete;
    ServiceHandle& operator=(const ServiceHandle&) = delete;
    ~ServiceHandle() {
        if (handle_ != nullptr) ::CloseServiceHandle(handle_);
    }
    SC_HANDLE get() const { return handle_; }
    explicit operator bool() const { return handle_ != nullptr; }

private:
    SC_HANDLE handle_;
};

struct Registered {
    bool there = false;
    bool at_boot = false;
    bool running = false;   ///< in whatever state but stopped
    bool stopping = false;  ///< and needs nobody to ask it again
};

Registered look_up_service(const std::string& name) {
    Registered found;
    const ServiceHandle manager(::OpenSCManagerW(nullptr, nullptr, SC_MANAGER_CONNECT));
    if (!manager) return found;
    const ServiceHandle service(::OpenServiceW(manager.get(), wide(name).c_str(),
                                               SERVICE_QUERY_CONFIG | SERVICE_QUERY_STATUS));
    found.there = static_cast<bool>(service);
    if (!service) return found;
    SERVICE_STATUS status{};
    found.running = ::QueryServiceStatus(service.get(), &status) != 0 &&
                    status.dwCurrentState != SERVICE_STOPPED;
    found.stopping = found.running && status.dwCurrentState == SERVICE_STOP_PENDING;
    alignas(QUERY_SERVICE_CONFIGW) std::array<char, 8192> buffer{};  // the most that it can be
    auto* const settings = reinterpret_cast<QUERY_SERVICE_CONFIGW*>(buffer.data());
    DWORD size = 0;
    found.at_boot = ::QueryServiceConfigW(service.get(), settings,
                                          static_cast<DWORD>(buffer.size()), &size) != 0 &&
                    settings->dwStartType <= SERVICE_AUTO_START;
    return found;
}

/// A running program cannot be overwritten, but it can be called something else.
Result<Outcome> copy_program(const fs::path& source, const fs::path& path) {
    const auto content = platform::read_file(source, kMaxProgramBytes);
    if (!content) return fail(Code::input_unreadable, content.error().detail);
    const auto old = platform::read_file(path, kMaxProgramBytes);
    if (old && *old == *content) return Outcome::unchanged;
    if (auto made = make_directory(path.parent_path()); !made) return made;
    fs::path fresh = path;
    fresh += L".new";
    std::error_code error;
    fs::copy_file(source, fresh, fs::copy_options::overwrite_existing, error);
    if (error) return file_failure("cannot write", fresh, error);
    fs::path former = path;
    former += L".old";
    fs::remove(former, error);
    if (old) {
        fs::rename(path, former, error);
        if (error) return file_failure("cannot put aside", path, error);
    }
    fs::rename(fresh, path, error);
    if (error) return file_failure("cannot put in place", path, error);
    // One that runs stays until the machine starts again.
    if (!fs::remove(former, error) && error)
        ::MoveFileExW(platform::file_name(former).c_str(), nullptr, MOVEFILE_DELAY_UNTIL_REBOOT);
    return Outcome::done;
}

Result<Outcome> remove_file(const fs::path& path) {
    std::error_code error;
    if (!fs::exists(fs::symlink_status(path, error))) return Outcome::unchanged;
    if (auto removed = platform::remove_file(path); !removed)
        return fail(std::move(removed.error()));
    return Outcome::done;
}

Result<Outcome> unless(bool done, const Action& action) {
    return done ? Result<Outcome>(Outcome::unchanged) : run(action);
}

bool is(const Action& action, const char* program, const char* verb) {
    return action.command.size() > 1 && action.command[0] == program && action.command[1] == verb;
}

bool key_exists(const std::string& name) {
    constexpr std::string_view kMachine = "HKLM\\";
    if (!name.starts_with(kMachine)) return false;
    HKEY key = nullptr;
    const auto found = ::RegOpenKeyExW(HKEY_LOCAL_MACHINE,
                                       wide(std::string_view(name).substr(kMachine.size())).c_str(),
                                       0, KEY_READ | KEY_WOW64_64KEY, &key);
    if (found == ERROR_SUCCESS) ::RegCloseKey(key);
    return found == ERROR_SUCCESS;
}

/// sc.exe comes back while the service still stops, and refuses to stop one that does. What follows
/// (its programs, its state) is only right when it has stopped.
Result<Outcome> stop_service(const Action& action) {
    constexpr int kRounds = 300;
    constexpr DWORD kRoundMilliseconds = 100;  // half a minute: the agent takes 20 s at most
    const std::string& name = action.command[2];
    Outcome outcome = Outcome::unchanged;
    for (int round = 0; round < kRounds; ++round) {
        const Registered service = look_up_service(name);
        if (!service.running) return outcome;
        if (!service.stopping && outcome == Outcome::unchanged) {
            const auto asked = run(action);
            if (!asked && !look_up_service(name).stopping && look_up_service(name).running)
                return asked;
            outcome = Outcome::done;
        }
        ::Sleep(kRoundMilliseconds);
    }
    return fail(Problem{Code::internal, name + " has not stopped within 30 seconds",
                        "Stop it ('sc stop " + name + "'), see that it has ended, and try again."});
}

/// sc.exe and reg.exe fail where there is nothing left to do.
Result<Outcome> run_tool(const Action& action) {
    if (is(action, "sc.exe", "start"))
        return unless(look_up_service(action.command[2]).running, action);
    if (is(action, "sc.exe", "stop")) return stop_service(action);
    if (is(action, "reg.exe", "delete")) return unless(!key_exists(action.command[2]), action);
    return run(action);
}

bool is_known_account(const std::string& name) {
    return platform::sid_of_account(name).has_value();
}

/// Asked of the registry, because version functions answer by a program's manifest.
bool is_domain_controller() {
    std::array<wchar_t, 64> type{};
    DWORD size = sizeof type;
    const auto found =
        ::RegGetValueW(HKEY_LOCAL_MACHINE, LR"(SYSTEM\CurrentControlSet\Control\ProductOptions)",
                       L"ProductType", RRF_RT_REG_SZ, nullptr, type.data(), &size);
    return found == ERROR_SUCCESS && std::wstring_view(type.data()) == L"LanmanNT";
}

}  // namespace

Manager this_manager() { return Manager::windows; }

Result<Outcome> perform(const Action& action, const std::string& root) {
    if (!root.empty())
        return fail(Code::usage, "Windows knows no other root directory; leave --root out");
    const fs::path path = utf8_path(action.target);
    switch (action.kind) {
        case Kind::make_group:
            return unless(is_known_account(action.target), action);
        case Kind::remove_group:
            return unless(!is_known_account(action.target), action);
        case Kind::make_directory:
            return make_directory(path);
        case Kind::guard_directory:
            return guard_folder(path, action.content);
        case Kind::write_file:
            return write_file(action, path);
        case Kind::copy_file:
            return copy_program(utf8_path(action.content), path);
        case Kind::register_service:
            if (look_up_service(action.target).there)
                return set_back_service(action.target, action.command);
            return run(action);
        case Kind::tune_service:
            if (auto told = teach_manners(action.target, action.content); !told)
                return fail(std::move(told.error()));
            return Outcome::done;
        case Kind::remove_service:
            return unless(!look_up_service(action.target).there, action);
        case Kind::remove_file:
            return remove_file(path);
        case Kind::remove_directory:
            // What a link above it leads to is not ours.
            if (const auto ours = check_folder(path.parent_path()); !ours)
                return fail(ours.error());
            return remove_tree(path);
        case Kind::run:
            return run_tool(action);
        case Kind::see_stopped:
        case Kind::make_user:
        case Kind::remove_user:
        case Kind::join_group:
        case Kind::make_link:
        case Kind::remove_link:
        case Kind::see_guarded:
            break;
    }
    return fail(Code::internal, "this step is not one of Windows'");
}

Facts current_facts(const std::string&) {
    Facts facts;
    facts.manager = this_manager();
    facts.manager_running = true;
    std::wstring name(32'768, L'\0');
    name.resize(::GetModuleFileNameW(nullptr, name.data(), static_cast<DWORD>(name.size())));
    facts.own_directory = utf8_text(fs::path(name).parent_path());
    facts.data_directory = utf8_text(platform::default_paths().config_file.parent_path());
    facts.domain_controller = is_domain_controller();
    return facts;
}

Status read_status(const std::string&) {
    Status status;
    status.definition = service_definition(this_manager());
    const auto service = look_up_service(status.definition);
    status.installed = service.there;
    status.enabled = service.at_boot;
    status.active = service.running;
    const auto& paths = platform::default_paths();
    std::error_code error;
    status.has_state = fs::exists(paths.state_dir, error);
    status.answers = platform::connect_local(paths.endpoint, std::chrono::seconds(2)).has_value();
    return status;
}

std::vector<std::string> status_sources() {
    const auto& paths = platform::default_paths();
    return {"ask the service manager for the service " + service_definition(this_manager()),
            "connect to " + utf8_text(paths.endpoint), "look for " + utf8_text(paths.state_dir)};
}

}  // namespace latchkey::service_install
