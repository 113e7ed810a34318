#include <array>

#include "service-install/actions.h"
#include "service-install/plan.h"

namespace latchkey::service_install {
namespace {

const std::string kLabel = "system/org.latchkey.agent";
const std::string kServices = "/Library/LaunchDaemons";
const std::string kPlist = kServices + "/org.latchkey.agent.plist";
const std::string kConfiguration = "/Library/Application Support/Latchkey";
constexpr std::array kPrograms = {"latchkeyd", "latchkey", "latchkey-service"};

// Not /usr/local/bin itself: on Intel Macs Homebrew gives that folder to a user, who could then
// replace what runs as root. Nobody else has a part in this one, which is looked at; the package
// uses it, too.
const std::string kBindir = "/usr/local/libexec/latchkey";

/// `text` inside an XML element.
std::string xml(const std::string& text) {
    std::string escaped;
    for (const char c : text) {
        if (c == '&')
            escaped += "&amp;";
        else if (c == '<')
            escaped += "&lt;";
        else
            escaped += c;
    }
    return escaped;
}

// It runs as root: launchd makes no directory below /var/run for anybody else, and without a
// service account the local endpoint's owner is one that every client trusts.
std::string property_list(const std::string& bindir) {
    return R"(<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key><string>org.latchkey.agent</string>
  <key>ProgramArguments</key>
  <array>
    <string>)" +
           xml(bindir) + R"(/latchkeyd</string>
    <string>run</string>
    <string>--config</string>
    <string>)" +
           xml(kConfiguration) + R"(/agent.toml</string>
  </array>
  <key>RunAtLoad</key><true/>
  <key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>
  <key>ThrottleInterval</key><integer>10</integer>
  <key>ExitTimeOut</key><integer>20</integer>
  <key>ProcessType</key><string>Background</string>
  <key>Umask</key><integer>63</integer>
</dict>
</plist>
)";
}

Step admin_group(const Options& options) {
    Step group{tool_action(Kind::make_group, "make the group latchkey-admin", "latchkey-admin",
                           {"dseditgroup", "-o", "create", "latchkey-admin"}),
               {}};
    if (options.remove_state)
        group.undo.push_back(tool_action(Kind::remove_group, "remove the group latchkey-admin",
                                         "latchkey-admin",
                                         {"dseditgroup", "-o", "delete", "latchkey-admin"}));
    return group;
}

void add_directories(std::vector<Step>& steps, const Options& options) {
    for (const std::string below : {"", "/agent.d", "/products.d"})
        steps.push_back({make_directory(kConfiguration + below), {}});
    for (const std::string directory : {"/var/db/latchkey", "/var/db/latchkey-anchor"}) {
        Step made{guard_directory(directory, "for root alone", {}), {}};
        if (options.remove_state) made.undo.push_back(remove_directory(directory));
        steps.push_back(std::move(made));
    }
    steps.push_back({guard_directory("/var/db/latchkey/inbox", "for root alone", {}), {}});
    steps.push_back(
        {write_first_file(kConfiguration + "/agent.toml", first_configuration(kConfiguration)),
         {}});
}

/// Whoever can change a folder above what root runs is root himself.
Step guarded(const std::string& directory) {
    return {
        file_action(Kind::see_guarded, "see that root alone may change " + directory, directory),
        {}};
}

/// So that shells find it. Something else of that name is somebody's.
Step link_in_path(const std::string& program) {
    const std::string link = "/usr/local/bin/" + program;
    const std::string target = "../libexec/latchkey/" + program;
    auto make = file_action(Kind::make_link, "let shells find " + program, link, target);
    make.keep_existing = true;
    return {std::move(make), {file_action(Kind::remove_link, "remove " + link, link, target)}};
}

Step running_service() {
    return {tool_action(Kind::register_service, "load and start it", kLabel,
                        {"launchctl", "bootstrap", "system", kPlist}),
            {tool_action(Kind::remove_service, "stop and unload it", kLabel,
                         {"launchctl", "bootout", kLabel})}};
}

}  // namespace

std::vector<Step> plan_launchd(const Options& options, const Facts& facts) {
    const std::string bindir = options.bindir.empty() ? kBindir : options.bindir;
    std::vector<Step> steps;
    for (const std::string& directory : {bindir, kServices, kConfiguration})
        steps.push_back(guarded(directory));
    steps.push_back(admin_group(options));
    add_directories(steps, options);
    for (const std::string program : kPrograms)
        steps.push_back(copy_program(program, facts.own_directory, bindir, "/"));
    if (bindir == kBindir)
        for (const std::string program : kPrograms) steps.push_back(link_in_path(program));
    steps.push_back({write_file(kPlist, property_list(bindir)), {remove_file(kPlist)}});
    // Otherwise launchd finds it at the next boot.
    if (!facts.manager_running || !options.start) return steps;
    // Somebody may have disabled it once, which outlives its definition: bootstrap would refuse.
    steps.push_back({run("let it start", {"launchctl", "enable", kLabel}), {}});
    // What is loaded keeps the definition it was loaded with, also over a restart.
    auto old = tool_action(Kind::remove_service, "stop and unload what was loaded before", kLabel,
                           {"launchctl", "bootout", kLabel});
    old.only_if_changed = true;
    steps.push_back({old, {}});
    steps.push_back(running_service());
    return steps;
}

}  // namespace latchkey::service_install
