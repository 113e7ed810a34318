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
        case Kind::write_file:
            return "write_file";
        case Kind::copy_file:
            return "copy_file";
        case Kind::make_link:
            return "make_link";
        case Kind::register_service:
            return "register_service";
        case Kind::run:
            return "run";
        case Kind::remove_file:
            return "remove_file";
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

std::string first_configuration() {
    return R"(# Latchkey agent. Every setting has a default; 'latchkey config show' prints them all with their sources.
# Drop-ins in agent.d/*.toml win over this file. 'latchkey reload' reads everything again.

#[agent]
#role = "workstation"        # or "lab": reimaged often, never spends activations

#[keyserver]
#url = "https://keys.example.org:8443"
#ca_file = "/etc/latchkey/keyserver-ca.pem"

#[[activate]]
#product = "org.example.product"
#key_file = "product.key"    # in the inbox
#when_counted = "hold"       # the default: ask before one machine spends another; or "proceed"
)";
}

}  // namespace latchkey::service_install
