#include "service-install/apply.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "platform/secure_file.h"
#include "tests/unit/platform/temporary_directory.h"

namespace latchkey::service_install {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

mode_t mode_of(const fs::path& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 07777u : 0;
}

/// A system in a directory, with programs to install. Its accounts exist already: making them takes
/// root, and is a command that the plan's tests show.
class OtherRoot : public testing::Test {
protected:
    OtherRoot() {
        fs::create_directories(dir / "build");
        for (const char* program : {"latchkeyd", "latchkey", "latchkey-service"})
            std::ofstream(dir / "build" / program) << "program " << program;
        fs::create_directories(dir / "root" / "etc");
        std::ofstream(dir / "root" / "etc" / "passwd")
            << "root:x:0:0::/:\nlatchkey:x:998:998::/:\n";
        std::ofstream(dir / "root" / "etc" / "group") << "latchkey:x:998:\nlatchkey-admin:x:997:\n";
        facts = {Manager::systemd, false, (dir / "build").native(), {}, false};
    }

    Result<std::vector<Record>> install() {
        return apply_steps(plan_install(options, facts), root);
    }
    Result<std::vector<Record>> uninstall() {
        return apply_steps(plan_uninstall(options, facts), root);
    }
    fs::path in_root(const std::string& path) const { return root + path; }

    platform::TemporaryDirectory dir;
    const std::string root = (dir / "root").native();
    const fs::path unit = root + "/etc/systemd/system/latchkeyd.service";
    Options options;
    Facts facts;
};

std::size_t count(const std::vector<Record>& records, Outcome outcome) {
    return static_cast<std::size_t>(std::count_if(
        records.begin(), records.end(), [&](const Record& r) { return r.outcome == outcome; }));
}

TEST_F(OtherRoot, installing_puts_everything_in_its_place) {
    const auto records = install();
    ASSERT_TRUE(records) << records.error().detail;
    EXPECT_EQ(content_of(in_root("/usr/local/bin/latchkeyd")), "program latchkeyd");
    EXPECT_EQ(mode_of(in_root("/usr/local/bin/latchkeyd")), 0755u);
    EXPECT_EQ(mode_of(unit), 0644u);
    EXPECT_TRUE(fs::exists(in_root("/etc/latchkey/agent.toml")));
    EXPECT_TRUE(fs::is_directory(in_root("/etc/latchkey/products.d")));
    EXPECT_TRUE(
        fs::is_symlink(in_root("/etc/systemd/system/multi-user.target.wants/latchkeyd.service")));
    const auto status = read_status(root);
    EXPECT_TRUE(status.installed);
    EXPECT_TRUE(status.enabled);
    EXPECT_FALSE(status.active);
}

TEST_F(OtherRoot, installing_twice_changes_nothing_the_second_time) {
    ASSERT_TRUE(install());
    const auto again = install();
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(count(*again, Outcome::done), 0u);
}

Outcome outcome_of_joining(const Result<std::vector<Record>>& records) {
    const auto found = std::find_if(records->begin(), records->end(), [](const Record& record) {
        return record.action.kind == Kind::join_group;
    });
    return found == records->end() ? Outcome::done : found->outcome;
}

TEST_F(OtherRoot, without_tpm_software_there_is_no_group_to_join) {
    const auto records = install();
    ASSERT_TRUE(records) << records.error().detail;
    EXPECT_EQ(outcome_of_joining(records), Outcome::not_needed);
}

TEST_F(OtherRoot, who_may_use_the_tpm_already_joins_nothing) {
    std::ofstream(root + "/etc/group", std::ios::app) << "tss:x:107:other,latchkey\n";
    const auto records = install();
    ASSERT_TRUE(records) << records.error().detail;
    EXPECT_EQ(outcome_of_joining(records), Outcome::unchanged);
}

/// That it asks usermod, and not whether usermod works here: another user's name is a part of ours.
TEST_F(OtherRoot, who_only_resembles_a_member_is_none) {
    std::ofstream(root + "/etc/group", std::ios::app) << "tss:x:107:latchkey2,xlatchkey\n";
    const auto records = install();
    if (records)
        EXPECT_EQ(outcome_of_joining(records), Outcome::done);
    else
        EXPECT_NE(records.error().detail.find("usermod"), std::string::npos);
}

TEST_F(OtherRoot, a_newer_program_replaces_the_old_one_and_nothing_else_changes) {
    ASSERT_TRUE(install());
    std::ofstream(dir / "build" / "latchkeyd") << "newer";
    const auto again = install();
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(count(*again, Outcome::done), 1u);
    EXPECT_EQ(content_of(in_root("/usr/local/bin/latchkeyd")), "newer");
}

TEST_F(OtherRoot, the_administrators_configuration_is_kept) {
    ASSERT_TRUE(install());
    std::ofstream(in_root("/etc/latchkey/agent.toml")) << "mine";
    ASSERT_TRUE(install());
    ASSERT_TRUE(uninstall());
    EXPECT_EQ(content_of(in_root("/etc/latchkey/agent.toml")), "mine");
}

TEST_F(OtherRoot, uninstalling_removes_it_and_keeps_the_state) {
    ASSERT_TRUE(install());
    fs::create_directories(in_root("/var/lib/latchkey"));
    std::ofstream(in_root("/var/lib/latchkey/state.db")) << "licenses";
    const auto records = uninstall();
    ASSERT_TRUE(records) << records.error().detail;
    EXPECT_FALSE(fs::exists(unit));
    EXPECT_FALSE(fs::exists(in_root("/usr/local/bin/latchkeyd")));
    EXPECT_EQ(content_of(in_root("/var/lib/latchkey/state.db")), "licenses");
    EXPECT_FALSE(read_status(root).installed);
    EXPECT_TRUE(read_status(root).has_state);
}

TEST_F(OtherRoot, uninstalling_what_is_not_there_is_fine) {
    const auto records = uninstall();
    ASSERT_TRUE(records) << records.error().detail;
    EXPECT_EQ(count(*records, Outcome::done), 0u);
}

TEST_F(OtherRoot, told_so_uninstalling_removes_the_state_too) {
    ASSERT_TRUE(install());
    fs::create_directories(in_root("/var/lib/latchkey/inbox"));
    fs::create_directories(in_root("/var/lib/latchkey-anchor"));
    options.remove_state = true;
    // The accounts are gone already, so that no account program is needed.
    std::ofstream(in_root("/etc/passwd")) << "root:x:0:0::/:\n";
    std::ofstream(in_root("/etc/group")) << "";
    const auto records = uninstall();
    ASSERT_TRUE(records) << records.error().detail;
    EXPECT_FALSE(fs::exists(in_root("/var/lib/latchkey")));
    EXPECT_FALSE(fs::exists(in_root("/var/lib/latchkey-anchor")));
}

TEST_F(OtherRoot, state_that_is_in_use_is_not_removed) {
    ASSERT_TRUE(install());
    fs::create_directories(in_root("/var/lib/latchkey"));
    std::ofstream(in_root("/var/lib/latchkey/state.db")) << "licenses";
    options.remove_state = true;
    std::ofstream(in_root("/etc/passwd")) << "root:x:0:0::/:\n";
    std::ofstream(in_root("/etc/group")) << "";
    {
        const auto agent = platform::lock_directory(in_root("/var/lib/latchkey"));
        ASSERT_TRUE(agent);
        const auto records = uninstall();
        ASSERT_FALSE(records);
        EXPECT_EQ(records.error().code, Code::state_locked);
        EXPECT_NE(records.error().detail.find("is in use by"), std::string::npos);
        EXPECT_EQ(content_of(in_root("/var/lib/latchkey/state.db")), "licenses");
    }
    ASSERT_TRUE(uninstall());
    EXPECT_FALSE(fs::exists(in_root("/var/lib/latchkey")));
}

TEST_F(OtherRoot, a_service_that_does_not_stop_ends_it_there) {
    fs::create_directories(in_root("/var/lib/latchkey"));
    Action seen;
    seen.kind = Kind::see_stopped;
    seen.target = "/var/lib/latchkey";
    for (const std::string state : {"active", "activating", "deactivating", ""}) {
        seen.command = {"sh", "-c", "echo " + state};
        const auto records = apply_steps({{seen, {}}}, root);
        ASSERT_FALSE(records) << state;
        EXPECT_NE(records.error().detail.find("latchkeyd.service is " + state), std::string::npos);
    }
    for (const std::string state : {"inactive", "failed"}) {
        seen.command = {"sh", "-c", "echo " + state};
        EXPECT_TRUE(apply_steps({{seen, {}}}, root)) << state;
    }
}

TEST_F(OtherRoot, what_a_package_brought_is_known_by_its_unit) {
    EXPECT_EQ(current_facts(root).package_unit, "");
    ASSERT_TRUE(install());
    EXPECT_EQ(current_facts(root).package_unit, "") << "our own unit is no package's";
    EXPECT_TRUE(current_facts(root).own_unit);
    for (const std::string directory : {"/lib/systemd/system", "/usr/lib/systemd/system"}) {
        fs::create_directories(in_root(directory));
        std::ofstream(in_root(directory + "/latchkeyd.service")) << "[Unit]\n";
        EXPECT_EQ(current_facts(root).package_unit, directory + "/latchkeyd.service");
    }
}

TEST_F(OtherRoot, a_failure_names_its_step_and_can_be_repeated_after_the_cure) {
    fs::remove(dir / "build" / "latchkey");
    const auto records = install();
    ASSERT_FALSE(records);
    EXPECT_EQ(records.error().code, Code::input_unreadable);
    EXPECT_NE(records.error().detail.find("copy latchkey to /usr/local/bin"), std::string::npos);
    EXPECT_NE(records.error().detail.find("step "), std::string::npos);
    std::ofstream(dir / "build" / "latchkey") << "back";
    EXPECT_TRUE(install());
}

TEST_F(OtherRoot, a_needless_step_is_left_out) {
    Action reload;
    reload.kind = Kind::run;
    reload.command = {"no-such-program-here"};
    reload.only_if_changed = true;
    const auto records = apply_steps({{reload, {}}}, root);
    ASSERT_TRUE(records) << records.error().detail;
    EXPECT_EQ(records->front().outcome, Outcome::not_needed);
}

TEST_F(OtherRoot, a_command_that_fails_says_what_it_said) {
    Action action;
    action.summary = "try it";
    action.command = {"sh", "-c", "echo no such unit; exit 5"};
    const auto records = apply_steps({{action, {}}}, root);
    ASSERT_FALSE(records);
    EXPECT_NE(records.error().detail.find("exits 5: no such unit"), std::string::npos);
}

}  // namespace
}  // namespace latchkey::service_install
