#include <array>
#include <filesystem>
#include <optional>

#include "platform/endpoint/local_client.h"
#include "platform/paths.h"
#include "platform/secure_file.h"
#include "service-install/apply.h"
#include "service-install/perform.h"
#include "service-install/perform_posix.h"
#include "service-install/run_command.h"

namespace latchkey::service_install {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUnit = "latchkeyd.service";
/// Where distributions' packages put units; one directory by two names on most of them.
constexpr std::array kPackageUnits = {"/usr/lib/systemd/system/latchkeyd.service",
                                      "/lib/systemd/system/latchkeyd.service"};

/// The rest of the name's line in passwd(5) or group(5), if there is one.
std::optional<std::string> listed(const fs::path& file, const std::string& name) {
    const auto text = platform::read_file(file, kMaxListBytes);
    if (!text) return std::nullopt;
    const std::string lines = "\n" + *text + "\n";
    const auto line = lines.find("\n" + name + ":");
    if (line == std::string::npos) return std::nullopt;
    const auto rest = line + name.size() + 2;
    return lines.substr(rest, lines.find('\n', rest) - rest);
}

/// The line is "tss:x:107:one,other", without its name here.
bool has_member(std::string_view line, const std::string& user) {
    const std::string members = "," + std::string(line.substr(line.rfind(':') + 1)) + ",";
    return members.find("," + user + ",") != std::string::npos;
}

/// The shadow programs keep another root's files by --prefix.
Result<Outcome> run_for_root(Action action, const std::string& root) {
    if (!root.empty()) action.command.insert(action.command.begin() + 1, {"--prefix", root});
    return run(action);
}

Result<Outcome> account(const Action& action, const std::string& root, const char* list,
                        bool wanted) {
    if (listed(place(root, list), action.target).has_value() == wanted) return Outcome::unchanged;
    return run_for_root(action, root);
}

Result<Outcome> join_group(const Action& action, const std::string& root) {
    const auto group = listed(place(root, "/etc/group"), action.target);
    if (!group) return Outcome::not_needed;
    if (has_member(*group, action.content)) return Outcome::unchanged;
    return run_for_root(action, root);
}

/// What systemd calls a unit that does not run, or that it does not know.
bool is_stopped(std::string_view state) { return state == "inactive" || state == "failed"; }

Result<Outcome> see_stopped(const Action& action, const fs::path& state) {
    if (!action.command.empty()) {
        const auto told = run_command(action.command);
        if (!told) return fail(told.error());
        const auto state = told->output.substr(0, told->output.find('\n'));
        if (!is_stopped(state))
            return fail(Code::state_locked, std::string(kUnit) + " is " + state);
    }
    std::error_code error;
    if (!fs::is_directory(state, error)) return Outcome::unchanged;
    if (auto free = platform::lock_directory(state); !free) return fail(std::move(free.error()));
    return Outcome::unchanged;
}

bool says(const std::vector<std::string>& question, std::string_view answer) {
    const auto finished = run_command(question);
    return finished && finished->output == std::string(answer) + "\n";
}

}  // namespace

Result<Outcome> perform(const Action& action, const std::string& root) {
    const ReadableByAll readable;
    switch (action.kind) {
        case Kind::make_group:
            return account(action, root, "/etc/group", true);
        case Kind::make_user:
            return account(action, root, "/etc/passwd", true);
        case Kind::join_group:
            return join_group(action, root);
        case Kind::remove_group:
            return account(action, root, "/etc/group", false);
        case Kind::remove_user:
            return account(action, root, "/etc/passwd", false);
        case Kind::see_stopped:
            return see_stopped(action, place(root, action.target));
        default:
            return perform_common(action, root);
    }
}

Manager this_manager() { return Manager::systemd; }

Facts current_facts(const std::string& root) {
    std::error_code error;
    Facts facts;
    facts.manager = this_manager();
    facts.manager_running = root.empty() && fs::is_directory("/run/systemd/system", error);
    facts.own_directory = fs::read_symlink("/proc/self/exe", error).parent_path().native();
    for (const std::string unit : kPackageUnits)
        if (facts.package_unit.empty() && fs::exists(place(root, unit), error))
            facts.package_unit = unit;
    facts.own_unit = fs::exists(place(root, service_definition(facts.manager)), error);
    return facts;
}

Status read_status(const std::string& root) {
    std::error_code error;
    Status status;
    status.definition = service_definition(Manager::systemd);
    const std::array<std::string, 3> definitions = {status.definition, kPackageUnits[0],
                                                    kPackageUnits[1]};
    for (const auto& definition : definitions)
        if (!status.installed && fs::exists(place(root, definition), error)) {
            status.installed = true;
            status.definition = definition;
        }
    const auto& paths = platform::default_paths();
    status.has_state = fs::exists(place(root, paths.state_dir), error);
    if (current_facts(root).manager_running) {
        status.enabled = says({"systemctl", "is-enabled", kUnit}, "enabled");
        status.active = says({"systemctl", "is-active", kUnit}, "active");
    } else {
        status.enabled = fs::is_symlink(
            place(root, "/etc/systemd/system/multi-user.target.wants/latchkeyd.service"), error);
    }
    status.answers = root.empty() &&
                     platform::connect_local(paths.endpoint, std::chrono::seconds(2)).has_value();
    return status;
}

std::vector<std::string> status_sources() {
    const auto& paths = platform::default_paths();
    return {"look for " + service_definition(Manager::systemd) +
                " and /usr/lib/systemd/system/latchkeyd.service",
            "ask 'systemctl is-enabled latchkeyd.service'",
            "ask 'systemctl is-active latchkeyd.service'", "connect to " + paths.endpoint.native(),
            "look for " + paths.state_dir.native()};
}

}  // namespace latchkey::service_install
