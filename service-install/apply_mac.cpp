#include <mach-o/dyld.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "platform/endpoint/local_client.h"
#include "platform/paths.h"
#include "service-install/apply.h"
#include "service-install/launchd_answers.h"
#include "service-install/perform.h"
#include "service-install/perform_posix.h"
#include "service-install/run_command.h"

namespace latchkey::service_install {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLabel = "org.latchkey.agent";
constexpr const char* kTarget = "system/org.latchkey.agent";
/// What Installer keeps of a package until it is told to forget it.
constexpr const char* kReceipt = "/private/var/db/receipts/org.latchkey.agent.plist";
/// launchd kills what has not ended twenty seconds after it was told to: ExitTimeOut in
/// plan_launchd.cpp.
constexpr std::chrono::seconds kLongestStop{30};
constexpr std::chrono::milliseconds kLookAgain{200};
/// EINPROGRESS, launchctl's exit code while a service takes its time to end.
constexpr int kStillStopping = 36;
/// EIO and EALREADY: what it says to a bootstrap while launchd has not quite let go of the service
/// that was unloaded before, for about five seconds (as people report it; Apple documents neither).
constexpr int kNotLetGo = 5;
constexpr int kAlready = 37;

std::string output_of(const std::vector<std::string>& question) {
    const auto finished = run_command(question);
    return finished && finished->exit_code == 0 ? finished->output : std::string();
}

bool succeeds(const std::vector<std::string>& question) {
    const auto finished = run_command(question);
    return finished && finished->exit_code == 0;
}

bool is_loaded() { return succeeds({"launchctl", "print", kTarget}); }

/// Groups are the directory service's, which another system's root has none of.
Result<Outcome> group(const Action& action, const std::string& root, bool wanted) {
    if (!root.empty()) return Outcome::not_needed;
    if (succeeds({"dseditgroup", "-o", "read", action.target}) == wanted) return Outcome::unchanged;
    return run(action);
}

Result<Outcome> load(const Action& action) {
    if (is_loaded()) return Outcome::unchanged;
    for (auto waited = kLookAgain;; waited += kLookAgain) {
        const auto finished = run_command(action.command);
        if (!finished) return fail(finished.error());
        if (finished->exit_code == 0 || is_loaded()) return Outcome::done;
        const bool passes = finished->exit_code == kNotLetGo || finished->exit_code == kAlready;
        if (!passes || waited > kLongestStop) return answer(action, *finished);
        std::this_thread::sleep_for(kLookAgain);
    }
}

/// launchd answers before the service has ended, and its files are removed next.
Result<Outcome> unload(const Action& action) {
    if (!is_loaded()) return Outcome::unchanged;
    const auto finished = run_command(action.command);
    if (!finished) return fail(finished.error());
    if (finished->exit_code != 0 && finished->exit_code != kStillStopping)
        return answer(action, *finished);
    for (auto waited = kLookAgain; is_loaded(); waited += kLookAgain) {
        if (waited > kLongestStop)
            return fail(Code::state_locked, std::string(kLabel) + " has not stopped");
        std::this_thread::sleep_for(kLookAgain);
    }
    return Outcome::done;
}

/// Empty where the system does not tell.
fs::path own_program() {
    std::uint32_t size = 0;
    ::_NSGetExecutablePath(nullptr, &size);
    std::string path(size, '\0');
    if (size == 0 || ::_NSGetExecutablePath(path.data(), &size) != 0) return {};
    std::error_code error;
    return fs::canonical(path.c_str(), error);
}

}  // namespace

Result<Outcome> perform(const Action& action, const std::string& root) {
    const ReadableByAll readable;
    switch (action.kind) {
        case Kind::make_group:
            return group(action, root, true);
        case Kind::remove_group:
            return group(action, root, false);
        case Kind::register_service:
            return load(action);
        case Kind::remove_service:
            return unload(action);
        default:
            return perform_common(action, root);
    }
}

Manager this_manager() { return Manager::launchd; }

Facts current_facts(const std::string& root) {
    std::error_code error;
    Facts facts;
    facts.manager = this_manager();
    facts.manager_running = root.empty();
    facts.own_directory = own_program().parent_path().native();
    facts.own_unit = fs::exists(place(root, service_definition(facts.manager)), error);
    if (facts.own_unit && fs::exists(place(root, kReceipt), error))
        facts.package_unit = service_definition(facts.manager);
    return facts;
}

Status read_status(const std::string& root) {
    std::error_code error;
    const auto& paths = platform::default_paths();
    Status status;
    status.definition = service_definition(Manager::launchd);
    status.installed = fs::exists(place(root, status.definition), error);
    status.has_state = fs::exists(place(root, paths.state_dir), error);
    status.enabled = status.installed;
    if (!root.empty()) return status;
    status.enabled = status.installed &&
                     !says_disabled(output_of({"launchctl", "print-disabled", "system"}), kLabel);
    status.active = says_running(output_of({"launchctl", "print", kTarget}));
    status.answers = platform::connect_local(paths.endpoint, std::chrono::seconds(2)).has_value();
    return status;
}

std::vector<std::string> status_sources() {
    const auto& paths = platform::default_paths();
    return {"look for " + service_definition(Manager::launchd),
            "ask 'launchctl print-disabled system'",
            "ask 'launchctl print system/org.latchkey.agent'",
            "connect to " + paths.endpoint.native(), "look for " + paths.state_dir.native()};
}

}  // namespace latchkey::service_install
