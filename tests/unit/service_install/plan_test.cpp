#include "service-install/plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "service-install/report.h"
#include "service-install/systemd_unit.h"

namespace latchkey::service_install {
namespace {

/// The recorded dry run of that name. To accept a change on purpose, write the new text there.
std::string golden(const std::string& name) {
    std::ifstream file(std::string(GOLDEN_DIRECTORY) + "/" + name);
    return {std::istreambuf_iterator<char>(file), {}};
}

Facts facts_of(Manager manager) {
    switch (manager) {
        case Manager::systemd:
            return {manager, true, "/home/admin/latchkey/bin", {}, false};
        case Manager::windows:
            return {manager, true, R"(D:\latchkey)", {}, false};
        case Manager::launchd:
            return {manager, true, "/Volumes/Latchkey", {}, false};
    }
    return {};
}

bool touches(const std::vector<Step>& steps, Kind kind, const std::string& target) {
    return std::any_of(steps.begin(), steps.end(), [&](const Step& step) {
        return step.act.kind == kind && step.act.target == target;
    });
}

std::size_t position_of(const std::vector<Step>& steps, const std::string& summary) {
    const auto found = std::find_if(steps.begin(), steps.end(),
                                    [&](const Step& step) { return step.act.summary == summary; });
    return static_cast<std::size_t>(found - steps.begin());
}

TEST(Plan, installing_under_systemd_is_as_recorded) {
    EXPECT_EQ(describe_plan(plan_install({}, facts_of(Manager::systemd))),
              golden("install_systemd.txt"));
}

TEST(Plan, installing_under_windows_is_as_recorded) {
    EXPECT_EQ(describe_plan(plan_install({}, facts_of(Manager::windows))),
              golden("install_windows.txt"));
}

TEST(Plan, windows_data_lies_where_the_system_says) {
    auto facts = facts_of(Manager::windows);
    facts.data_directory = R"(E:\Data\Latchkey)";
    const auto plan = describe_plan(plan_install({}, facts));
    EXPECT_EQ(plan.find(R"(C:\ProgramData)"), std::string::npos) << plan;
    EXPECT_NE(plan.find(R"(run --config "E:\Data\Latchkey\agent.toml")"), std::string::npos)
        << plan;
    EXPECT_TRUE(
        touches(plan_install({}, facts), Kind::guard_directory, R"(E:\Data\Latchkey\state)"));
}

// Its groups are the whole domain's.
TEST(Plan, a_domain_controller_gets_no_group) {
    auto facts = facts_of(Manager::windows);
    facts.domain_controller = true;
    Options options;
    options.remove_state = true;
    EXPECT_FALSE(touches(plan_install(options, facts), Kind::make_group, "latchkey-admin"));
    EXPECT_FALSE(touches(plan_uninstall(options, facts), Kind::remove_group, "latchkey-admin"));
    facts.domain_controller = false;
    EXPECT_TRUE(touches(plan_install(options, facts), Kind::make_group, "latchkey-admin"));
}

TEST(Plan, what_windows_installer_brings_is_neither_copied_nor_removed) {
    Options options;
    options.copy_programs = false;
    for (const auto planned : {plan_install, plan_uninstall})
        for (const auto& step : planned(options, facts_of(Manager::windows))) {
            EXPECT_NE(step.act.kind, Kind::copy_file) << step.act.summary;
            EXPECT_NE(step.act.kind, Kind::remove_file) << step.act.summary;
        }
}

TEST(Plan, installing_under_launchd_is_as_recorded) {
    EXPECT_EQ(describe_plan(plan_install({}, facts_of(Manager::launchd))),
              golden("install_launchd.txt"));
}

TEST(PlainPath, is_absolute_and_holds_nothing_that_a_command_line_takes_for_more) {
    for (const char* good : {"/usr/local/bin", "/opt/Größe x"})
        EXPECT_TRUE(is_plain_path(Manager::systemd, good)) << good;
    for (const char* bad : {"", "bin", "/a;b", "/a$b", "/a\"b", "/a\\b", R"(C:\x)"})
        EXPECT_FALSE(is_plain_path(Manager::systemd, bad)) << bad;
    for (const char* good : {R"(C:\Program Files\Latchkey)", R"(d:\製品)", R"(C:\)"})
        EXPECT_TRUE(is_plain_path(Manager::windows, good)) << good;
    for (const char* bad : {"", R"(\x)", R"(\\server\x)", "C:x", "/x", R"(C:\a"b)", R"(C:\%TEMP%)",
                            R"(C:\a\)", R"(C:\a:b)", R"(C:\a*b)"})
        EXPECT_FALSE(is_plain_path(Manager::windows, bad)) << bad;
}

TEST(Plan, uninstalling_is_as_recorded_on_all_three) {
    std::string all;
    for (const Manager manager : {Manager::systemd, Manager::windows, Manager::launchd})
        all += describe_plan(plan_uninstall({}, facts_of(manager))) + "\n";
    EXPECT_EQ(all, golden("uninstall.txt"));
}

TEST(Plan, uninstalling_with_state_is_as_recorded_on_all_three) {
    Options options;
    options.remove_state = true;
    std::string all;
    for (const Manager manager : {Manager::systemd, Manager::windows, Manager::launchd})
        all += describe_plan(plan_uninstall(options, facts_of(manager))) + "\n";
    EXPECT_EQ(all, golden("uninstall_with_state.txt"));
}

TEST(Plan, uninstalling_keeps_state_and_accounts_unless_told) {
    for (const Manager manager : {Manager::systemd, Manager::windows, Manager::launchd}) {
        for (const auto& step : plan_uninstall({}, facts_of(manager))) {
            EXPECT_NE(step.act.kind, Kind::remove_directory) << step.act.summary;
            EXPECT_NE(step.act.kind, Kind::remove_user) << step.act.summary;
            EXPECT_NE(step.act.kind, Kind::remove_group) << step.act.summary;
        }
    }
}

TEST(Plan, configuration_is_never_removed) {
    Options options;
    options.remove_state = true;
    for (const Manager manager : {Manager::systemd, Manager::windows, Manager::launchd})
        for (const auto& step : plan_uninstall(options, facts_of(manager)))
            EXPECT_EQ(step.act.target.find("agent.toml"), std::string::npos) << step.act.summary;
}

TEST(Plan, every_file_that_installing_writes_uninstalling_removes) {
    for (const Manager manager : {Manager::systemd, Manager::windows, Manager::launchd}) {
        const auto removed = plan_uninstall({}, facts_of(manager));
        for (const auto& step : plan_install({}, facts_of(manager))) {
            const bool program = step.act.kind == Kind::copy_file;
            const bool unit = step.act.kind == Kind::write_file && !step.act.keep_existing;
            const bool link = step.act.kind == Kind::make_link;
            const bool gone = touches(removed, Kind::remove_file, step.act.target) ||
                              touches(removed, Kind::remove_link, step.act.target);
            EXPECT_EQ(gone, program || unit || link) << step.act.summary;
        }
    }
}

TEST(Plan, systemd_is_stopped_before_its_unit_and_programs_go) {
    const auto steps = plan_uninstall({}, facts_of(Manager::systemd));
    const auto stop = position_of(steps, "stop it");
    const auto unit = position_of(steps, "remove /etc/systemd/system/latchkeyd.service");
    const auto reload = position_of(steps, "let systemd read its units again");
    const auto program = position_of(steps, "remove /usr/local/bin/latchkeyd");
    EXPECT_LT(stop, unit);
    EXPECT_LT(unit, reload);
    EXPECT_LT(unit, program);
    EXPECT_LT(program, steps.size());
}

TEST(Plan, state_is_removed_only_once_the_service_was_seen_stopped) {
    Options options;
    options.remove_state = true;
    for (const bool running : {true, false}) {
        auto facts = facts_of(Manager::systemd);
        facts.manager_running = running;
        const auto steps = plan_uninstall(options, facts);
        const auto seen = position_of(steps, "see that it is stopped");
        EXPECT_LT(seen, position_of(steps, "remove /var/lib/latchkey and all in it"));
        EXPECT_LT(seen, position_of(steps, "remove /var/lib/latchkey-anchor and all in it"));
        if (running) {
            EXPECT_LT(position_of(steps, "stop it"), seen);
        }
    }
}

TEST(Plan, the_service_of_a_package_is_the_package_managers) {
    auto facts = facts_of(Manager::systemd);
    EXPECT_FALSE(refusal(facts));
    facts.own_unit = true;
    EXPECT_FALSE(refusal(facts));
    facts.package_unit = "/lib/systemd/system/latchkeyd.service";
    const auto hidden = refusal(facts);
    ASSERT_TRUE(hidden);
    EXPECT_NE(hidden->remedy.find("rm /etc/systemd/system/latchkeyd.service"), std::string::npos);
    facts.own_unit = false;
    const auto refused = refusal(facts);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->code, Code::not_permitted);
    EXPECT_NE(refused->detail.find(facts.package_unit), std::string::npos);
    EXPECT_NE(refused->remedy.find("apt remove latchkey-agent"), std::string::npos);
    EXPECT_NE(refused->remedy.find("dnf remove latchkey-agent"), std::string::npos);
}

TEST(Plan, on_a_mac_the_service_of_a_package_is_the_uninstallers) {
    auto facts = facts_of(Manager::launchd);
    facts.own_unit = true;
    EXPECT_FALSE(refusal(facts));
    facts.package_unit = service_definition(Manager::launchd);
    const auto refused = refusal(facts);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->code, Code::not_permitted);
    EXPECT_NE(refused->remedy.find("/usr/local/libexec/latchkey/uninstall.sh"), std::string::npos);
    EXPECT_EQ(refused->remedy.find("apt"), std::string::npos);
}

TEST(Plan, programs_of_the_package_manager_are_neither_copied_nor_removed) {
    auto facts = facts_of(Manager::systemd);
    facts.own_directory = "/usr/bin";
    const auto steps = plan_install({}, facts);
    for (const auto& step : steps) EXPECT_NE(step.act.kind, Kind::copy_file);
    EXPECT_NE(describe_plan(steps).find("ExecStart=\"/usr/bin/latchkeyd\""), std::string::npos);
    for (const auto& step : plan_uninstall({}, facts))
        EXPECT_FALSE(step.act.target.starts_with("/usr/bin")) << step.act.summary;
}

TEST(Plan, without_a_running_systemd_it_is_enabled_by_hand_and_nothing_is_started) {
    auto facts = facts_of(Manager::systemd);
    facts.manager_running = false;
    const auto steps = plan_install({}, facts);
    EXPECT_TRUE(touches(steps, Kind::make_link,
                        "/etc/systemd/system/multi-user.target.wants/latchkeyd.service"));
    for (const auto& step : steps) EXPECT_NE(step.act.kind, Kind::run) << step.act.summary;
}

TEST(Plan, no_start_means_not_now) {
    Options options;
    options.start = false;
    for (const Manager manager : {Manager::systemd, Manager::windows, Manager::launchd})
        for (const auto& step : plan_install(options, facts_of(manager)))
            for (const char* word : {"start", "try-restart", "bootstrap", "kickstart"})
                EXPECT_EQ(std::count(step.act.command.begin(), step.act.command.end(), word), 0)
                    << step.act.summary;
    const auto removing = plan_uninstall(options, facts_of(Manager::systemd));
    EXPECT_LT(position_of(removing, "stop it"), removing.size()) << "it may run by now";
}

TEST(Plan, the_bindir_decides_where_programs_go_and_what_is_started) {
    Options options;
    options.bindir = "/opt/latchkey/bin";
    const auto steps = plan_install(options, facts_of(Manager::systemd));
    EXPECT_TRUE(touches(steps, Kind::copy_file, "/opt/latchkey/bin/latchkeyd"));
    EXPECT_NE(describe_plan(steps).find("ExecStart=\"/opt/latchkey/bin/latchkeyd\" run"),
              std::string::npos);
}

TEST(Plan, the_json_of_a_plan_holds_every_step) {
    const auto steps = plan_install({}, facts_of(Manager::systemd));
    const auto value = plan_to_json(steps);
    EXPECT_EQ(value.at("schema_version").as_string(), "1.0");
    EXPECT_TRUE(value.at("dry_run").as_bool());
    ASSERT_EQ(value.at("steps").as_array().size(), steps.size());
    EXPECT_EQ(value.at("steps").as_array()[0].at("kind").as_string(), "make_group");
    EXPECT_TRUE(value.at("steps").as_array()[0].at("outcome").is_null());
}

TEST(SystemdUnit, leaves_the_hardware_visible) {
    const auto unit = systemd_unit("/usr/bin");
    EXPECT_EQ(unit.find("\nProcSubset="), std::string::npos) << "hides /proc/cpuinfo";
    for (const std::string credential : {"smbios-table", "smbios-entry-point"}) {
        EXPECT_NE(unit.find("\nLoadCredential=" + credential + ":/sys/firmware/dmi/tables/"),
                  std::string::npos);
        EXPECT_NE(unit.find("\nSetCredential=" + credential + ":none\n"), std::string::npos)
            << "a machine without SMBIOS has to start it, too";
    }
    EXPECT_NE(unit.find("AF_NETLINK"), std::string::npos);
}

TEST(SystemdUnit, shows_the_tpm_and_no_other_device_and_starts_where_there_is_none) {
    const auto unit = systemd_unit("/usr/bin");
    EXPECT_NE(unit.find("\nPrivateDevices=yes\n"), std::string::npos);
    EXPECT_NE(unit.find("\nBindPaths=-/dev/tpmrm0\n"), std::string::npos) << "'-': it may lack";
    EXPECT_NE(unit.find("\nDeviceAllow=/dev/tpmrm0 rw\n"), std::string::npos);
}

// What is told of a file that the service cannot see is only as true as the unit.
TEST(SystemdUnit, closes_what_is_said_to_be_closed) {
    const auto unit = systemd_unit("/usr/bin");
    EXPECT_NE(unit.find("\nProtectHome=yes\n"), std::string::npos) << "kHomeFolders";
    EXPECT_NE(unit.find("\nPrivateTmp=yes\n"), std::string::npos) << "kTemporaryFolders";
    EXPECT_NE(unit.find("\nInaccessiblePaths=-/etc/shadow "), std::string::npos);
    EXPECT_NE(unit.find(" -/var/mail -/srv\n"), std::string::npos);
}

TEST(SystemdUnit, does_not_try_a_wrong_configuration_again) {
    EXPECT_NE(systemd_unit("/usr/bin").find("\nRestartPreventExitStatus=78\n"), std::string::npos);
}

TEST(SystemdUnit, goes_on_starting_what_fails_and_does_not_storm) {
    const auto unit = systemd_unit("/usr/bin");
    EXPECT_NE(unit.find("\nRestart=on-failure\n"), std::string::npos);
    EXPECT_NE(unit.find("\nStartLimitIntervalSec=0\n"), std::string::npos) << "for ever";
    EXPECT_EQ(unit.find("\nStartLimitBurst="), std::string::npos);
    EXPECT_NE(unit.find("\nRestartSec=15s\n"), std::string::npos) << "at a modest pace";
}

TEST(FirstConfiguration, sets_nothing) {
    std::string text = first_configuration("C:\\ProgramData\\Latchkey", '\\');
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        EXPECT_TRUE(line.empty() || line.starts_with('#')) << line;
        text.erase(0, line.size() + 1);
    }
}

}  // namespace
}  // namespace latchkey::service_install
