#include "service-install/plan.h"

#include <string_view>

namespace latchkey::service_install {

std::string_view kind_name(Kind kind) {
    switch (kind) {
        case Kind::make_group:
            return "make_group";
        case Kind::make_user:
            return "make_user";
        case Kind::join_group:
            return "join_group";
        case Kind::make_directory:
            return "make_directory";
        case Kind::guard_directory:
            return "guard_directory";
        case Kind::write_file:
            return "write_file";
        case Kind::copy_file:
            return "copy_file";
        case Kind::make_link:
            return "make_link";
        case Kind::register_service:
            return "register_service";
        case Kind::tune_service:
            return "tune_service";
        case Kind::run:
            return "run";
        case Kind::see_stopped:
            return "see_stopped";
        case Kind::see_guarded:
            return "see_guarded";
        case Kind::remove_file:
            return "remove_file";
        case Kind::remove_link:
            return "remove_link";
        case Kind::remove_directory:
            return "remove_directory";
        case Kind::remove_user:
            return "remove_user";
        case Kind::remove_group:
            return "remove_group";
        case Kind::remove_service:
            return "remove_service";
    }
    return "";
}

std::vector<Step> plan_install(const Options& options, const Facts& facts) {
    switch (facts.manager) {
        case Manager::systemd:
            return plan_systemd(options, facts);
        case Manager::windows:
            return plan_windows(options, facts);
        case Manager::launchd:
            return plan_launchd(options, facts);
    }
    return {};
}

std::vector<Step> plan_uninstall(const Options& options, const Facts& facts) {
    Options started = options;
    started.start = true;  // however it was installed, it may run by now
    auto installing = plan_install(started, facts);
    std::vector<Step> steps;
    for (auto step = installing.rbegin(); step != installing.rend(); ++step)
        for (auto& action : step->undo) steps.push_back({std::move(action), {}});
    return steps;
}

std::optional<Problem> refusal(const Facts& facts) {
    if (facts.package_unit.empty()) return std::nullopt;
    Problem problem{
        Code::not_permitted, facts.package_unit + " is a package's, and the service with it", {}};
    if (facts.manager == Manager::launchd) {
        problem.remedy =
            "Leave it to the package: 'installer -pkg' of a newer one upgrades it, "
            "/usr/local/libexec/latchkey/uninstall.sh takes the service away and keeps the state, "
            "with --remove-state the state, too.";
        return problem;
    }
    problem.remedy =
        facts.own_unit
            ? service_definition(facts.manager) + " hides the package's unit: 'rm " +
                  service_definition(facts.manager) +
                  " && systemctl daemon-reload && systemctl restart latchkeyd' gives the service "
                  "back to the package."
            : "Leave it to the package manager: 'apt remove latchkey-agent' or 'dnf remove "
              "latchkey-agent' takes the service away and keeps the state, 'apt purge' takes the "
              "state, too.";
    return problem;
}

bool is_plain_path(Manager manager, const std::string& path) {
    // What a command line or a unit file takes for more than a letter.
    const bool windows = manager == Manager::windows;
    const char* const refused = windows ? "\"'$%;<>|?*\n\r\t" : "\"'\\$%\n\r\t;";
    if (path.find_first_of(refused) != std::string::npos) return false;
    if (!windows) return path.starts_with('/');
    const bool drive = path.size() >= 3 &&
                       ((path[0] >= 'A' && path[0] <= 'Z') || (path[0] >= 'a' && path[0] <= 'z'));
    // A second colon would name a stream of a file, and a last backslash swallows a quote.
    return drive && path[1] == ':' && path[2] == '\\' && path.find(':', 2) == std::string::npos &&
           (path.size() == 3 || path.back() != '\\');
}

std::string path_separator(Manager manager) { return manager == Manager::windows ? "\\" : "/"; }

bool has_other_roots(Manager manager) { return manager != Manager::windows; }

std::string bindir_hint(Manager manager) {
    switch (manager) {
        case Manager::systemd:
            return "/usr/local/bin; what lies in /usr/bin is the package manager's and stays there";
        case Manager::windows:
            return "C:\\Program Files\\Latchkey";
        case Manager::launchd:
            return "/usr/local/libexec/latchkey, with links in /usr/local/bin";
    }
    return {};
}

std::string administrators_remedy(Manager manager) {
    return manager == Manager::windows ? "Run it in a terminal opened as administrator."
                                       : "Run it as root.";
}

std::string service_definition(Manager manager) {
    switch (manager) {
        case Manager::systemd:
            return "/etc/systemd/system/latchkeyd.service";
        case Manager::windows:
            return "Latchkey";
        case Manager::launchd:
            return "/Library/LaunchDaemons/org.latchkey.agent.plist";
    }
    return {};
}

std::string first_configuration(const std::string& directory, char separator) {
    return R"(# Latchkey agent. Every setting has a default; 'latchkey config show' prints them all with their sources.
# Drop-ins in agent.d/*.toml win over this file. 'latchkey reload' reads everything again.

#[agent]
#role = "workstation"        # or "lab": reimaged often, never spends activations

#[keyserver]
#url = "https://keys.example.org:8443"
#ca_file = ')" +
           directory + separator + R"(keyserver-ca.pem'

#[[activate]]
#product = "org.example.product"
#key_file = "product.key"    # in the inbox
#when_counted = "hold"       # the default: ask before one machine spends another; or "proceed"
)";
}

}  // namespace latchkey::service_install
