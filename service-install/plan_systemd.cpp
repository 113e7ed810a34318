#include <array>

#include "service-install/actions.h"
#include "service-install/plan.h"
#include "service-install/systemd_unit.h"

namespace latchkey::service_install {
namespace {

constexpr const char* kUnit = "latchkeyd.service";
constexpr const char* kUnitPath = "/etc/systemd/system/latchkeyd.service";
constexpr const char* kUnitLink = "/etc/systemd/system/multi-user.target.wants/latchkeyd.service";
constexpr std::array kPrograms = {"latchkeyd", "latchkey", "latchkey-service"};
constexpr std::array kStateDirectories = {"/var/lib/latchkey", "/var/lib/latchkey-anchor"};

/// /usr/bin is the package manager's: what lies there is neither copied nor removed by us.
bool belongs_to_packages(std::string_view directory) {
    for (const char* managed : {"/usr/bin", "/usr/sbin", "/bin", "/sbin"})
        if (directory == managed) return true;
    return false;
}

std::string bindir_of(const Options& options, const Facts& facts) {
    if (!options.bindir.empty()) return options.bindir;
    return belongs_to_packages(facts.own_directory) ? facts.own_directory : "/usr/local/bin";
}

Action reload_units() {
    auto action = run("let systemd read its units again", {"systemctl", "daemon-reload"});
    action.only_if_changed = true;
    return action;
}

/// Also of an agent that somebody runs by hand: whoever holds the state is still there.
Action see_stopped(const Facts& facts) {
    auto action = file_action(Kind::see_stopped, "see that it is stopped", kStateDirectories[0]);
    if (facts.manager_running)
        action.command = {"systemctl", "show", "--property=ActiveState", "--value", kUnit};
    return action;
}

Step group(const std::string& name, const Options& options) {
    Step step{tool_action(Kind::make_group, "make the group " + name, name,
                          {"groupadd", "--system", name}),
              {}};
    if (options.remove_state)
        step.undo.push_back(
            tool_action(Kind::remove_group, "remove the group " + name, name, {"groupdel", name}));
    return step;
}

/// The state directories are the user's; systemd makes them at the first start.
Step user(const Options& options, const Facts& facts) {
    Step step{
        tool_action(Kind::make_user, "make the user latchkey", "latchkey",
                    {"useradd", "--system", "--gid", "latchkey", "--home-dir", kStateDirectories[0],
                     "--no-create-home", "--shell", "/usr/sbin/nologin", "latchkey"}),
        {}};
    if (!options.remove_state) return step;
    step.undo.push_back(see_stopped(facts));
    for (const std::string directory : kStateDirectories)
        step.undo.push_back(remove_directory(directory));
    step.undo.push_back(tool_action(Kind::remove_user, "remove the user latchkey", "latchkey",
                                    {"userdel", "latchkey"}));
    return step;
}

/// Debian and Fedora give the TPM's device to the group tss, once tpm2-tss is installed.
Step tpm_user() {
    Step step{tool_action(Kind::join_group,
                          "let the user latchkey use a TPM (the group tss, where there is one)",
                          "tss", {"usermod", "--append", "--groups", "tss", "latchkey"}),
              {}};
    step.act.content = "latchkey";
    return step;
}

void add_configuration(std::vector<Step>& steps) {
    for (const std::string directory :
         {"/etc/latchkey", "/etc/latchkey/agent.d", "/etc/latchkey/products.d"})
        steps.push_back({make_directory(directory), {}});
    steps.push_back(
        {write_first_file("/etc/latchkey/agent.toml", first_configuration("/etc/latchkey")), {}});
}

void add_programs(std::vector<Step>& steps, const std::string& bindir, const Facts& facts) {
    if (belongs_to_packages(bindir)) return;
    for (const std::string program : kPrograms)
        steps.push_back(copy_program(program, facts.own_directory, bindir, "/"));
}

void add_running_service(std::vector<Step>& steps, const Options& options) {
    steps.push_back({reload_units(), {}});
    auto disable = run("do not start it at boot any more", {"systemctl", "disable", kUnit});
    disable.needs = kUnitPath;
    steps.push_back({run("start it at every boot", {"systemctl", "enable", kUnit}), {disable}});

    if (!options.start) return;
    auto restart = run("restart it where it runs already", {"systemctl", "try-restart", kUnit});
    restart.only_if_changed = true;
    steps.push_back({restart, {}});
    auto stop = run("stop it", {"systemctl", "stop", kUnit});
    stop.needs = kUnitPath;
    steps.push_back({run("start it", {"systemctl", "start", kUnit}), {stop}});
}

}  // namespace

std::vector<Step> plan_systemd(const Options& options, const Facts& facts) {
    const std::string bindir = bindir_of(options, facts);
    std::vector<Step> steps;
    steps.push_back(group("latchkey-admin", options));
    steps.push_back(group("latchkey", options));
    steps.push_back(user(options, facts));
    steps.push_back(tpm_user());
    add_configuration(steps);
    add_programs(steps, bindir, facts);

    Step unit{write_file(kUnitPath, systemd_unit(bindir)), {remove_file(kUnitPath)}};
    if (facts.manager_running) unit.undo.push_back(reload_units());
    steps.push_back(std::move(unit));

    if (facts.manager_running)
        add_running_service(steps, options);
    else  // what 'systemctl enable' does, without a systemd to ask
        steps.push_back(
            {file_action(Kind::make_link, "start it at every boot", kUnitLink, kUnitPath),
             {remove_file(kUnitLink)}});
    return steps;
}

}  // namespace latchkey::service_install
