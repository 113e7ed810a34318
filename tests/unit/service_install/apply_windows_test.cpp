#include <windows.h>

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "base/path_text.h"
#include "service-install/actions.h"
#include "service-install/apply.h"
#include "service-install/service_manners_windows.h"
#include "tests/unit/platform/temporary_directory.h"

namespace latchkey::service_install {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

Outcome outcome_of(const Step& step) {
    const auto records = apply_steps({step}, "");
    EXPECT_TRUE(records) << (records ? "" : records.error().detail);
    return records ? records->front().outcome : Outcome::not_needed;
}

TEST(ApplyOnWindows, a_program_is_copied_once_and_a_newer_one_takes_its_place) {
    const platform::TemporaryDirectory dir;
    const fs::path programs = dir.path() / utf8_path("Prögramme");
    std::ofstream(dir / "latchkeyd.exe") << "one";
    const auto step =
        copy_program("latchkeyd.exe", utf8_text(dir.path()), utf8_text(programs), "\\");
    EXPECT_EQ(outcome_of(step), Outcome::done);
    EXPECT_EQ(outcome_of(step), Outcome::unchanged);
    std::ofstream(dir / "latchkeyd.exe") << "two";
    EXPECT_EQ(outcome_of(step), Outcome::done);
    EXPECT_EQ(content_of(programs / "latchkeyd.exe"), "two");
    EXPECT_EQ(std::distance(fs::directory_iterator(programs), fs::directory_iterator{}), 1);
    EXPECT_EQ(outcome_of({step.undo.front(), {}}), Outcome::done);
    EXPECT_EQ(outcome_of({step.undo.front(), {}}), Outcome::unchanged);
}

TEST(ApplyOnWindows, the_administrators_configuration_is_kept) {
    const platform::TemporaryDirectory dir;
    const std::string file = utf8_text(dir / "agent.toml");
    EXPECT_EQ(outcome_of({write_first_file(file, "ours"), {}}), Outcome::done);
    std::ofstream(dir / "agent.toml") << "mine";
    EXPECT_EQ(outcome_of({write_first_file(file, "ours"), {}}), Outcome::unchanged);
    EXPECT_EQ(content_of(dir / "agent.toml"), "mine");
}

TEST(ApplyOnWindows, removing_a_service_that_is_not_there_is_fine) {
    EXPECT_EQ(outcome_of({tool_action(Kind::remove_service, "remove it", "latchkey-no-such-service",
                                      {"sc.exe", "delete", "latchkey-no-such-service"}),
                          {}}),
              Outcome::unchanged);
}

/// A service that an administrator, or somebody before us, left in some way.
class ServiceThatIsThere {
public:
    ServiceThatIsThere(DWORD start, const wchar_t* program, const wchar_t* account)
        : manager_(::OpenSCManagerW(nullptr, nullptr, SC_MANAGER_ALL_ACCESS)),
          service_(::CreateServiceW(manager_, L"latchkey-test", nullptr, SERVICE_ALL_ACCESS,
                                    SERVICE_WIN32_OWN_PROCESS, start, SERVICE_ERROR_NORMAL, program,
                                    nullptr, nullptr, nullptr, account, nullptr)) {
        EXPECT_NE(service_, nullptr) << ::GetLastError();
    }
    ServiceThatIsThere(const ServiceThatIsThere&) = delete;
    ServiceThatIsThere& operator=(const ServiceThatIsThere&) = delete;
    ~ServiceThatIsThere() {
        ::DeleteService(service_);
        ::CloseServiceHandle(service_);
        ::CloseServiceHandle(manager_);
    }
    /// "start|program|account"
    std::string shown() const {
        alignas(QUERY_SERVICE_CONFIGW) std::array<char, 8192> buffer{};
        auto* const found = reinterpret_cast<QUERY_SERVICE_CONFIGW*>(buffer.data());
        DWORD size = 0;
        EXPECT_TRUE(::QueryServiceConfigW(service_, found, buffer.size(), &size));
        return std::to_string(found->dwStartType) + "|" + utf8_text(found->lpBinaryPathName) + "|" +
               utf8_text(found->lpServiceStartName);
    }

private:
    SC_HANDLE manager_;
    SC_HANDLE service_;
};

Step registration() {
    return {tool_action(Kind::register_service, "register it", "latchkey-test",
                        {"sc.exe", "create", "latchkey-test",
                         "binPath=", R"("C:\Latchkey Ö\latchkeyd.exe" run)", "start=", "auto",
                         "obj=", R"(NT SERVICE\latchkey-test)"}),
            {}};
}
const std::string kRight = R"("C:\Latchkey Ö\latchkeyd.exe" run|NT SERVICE\latchkey-test)";

TEST(ApplyOnWindows, a_service_that_is_there_gets_its_program_account_and_start_back) {
    const ServiceThatIsThere service(SERVICE_DEMAND_START, LR"(C:\elsewhere.exe)", L"LocalSystem");
    EXPECT_EQ(outcome_of(registration()), Outcome::done);
    EXPECT_EQ(service.shown(), "2|" + kRight);
    EXPECT_EQ(outcome_of(registration()), Outcome::unchanged);
    EXPECT_EQ(service.shown(), "2|" + kRight);
    EXPECT_FALSE(is_disabled("latchkey-test"));
}

TEST(ApplyOnWindows, a_service_that_an_administrator_disabled_stays_disabled) {
    const ServiceThatIsThere service(SERVICE_DISABLED, LR"(C:\elsewhere.exe)", L"LocalSystem");
    EXPECT_TRUE(is_disabled("latchkey-test"));
    EXPECT_EQ(outcome_of(registration()), Outcome::done);
    EXPECT_EQ(service.shown(), "4|" + kRight);
    EXPECT_EQ(outcome_of(registration()), Outcome::unchanged);
    EXPECT_FALSE(is_disabled("latchkey-no-such-service"));
}

TEST(ApplyOnWindows, a_command_that_fails_says_what_it_said) {
    Action action;
    action.summary = "try it";
    action.command = {"cmd.exe", "/c", "echo no such thing& exit 5"};
    const auto records = apply_steps({{action, {}}}, "");
    ASSERT_FALSE(records);
    EXPECT_NE(records.error().detail.find("exits 5: no such thing"), std::string::npos)
        << records.error().detail;
}

TEST(ApplyOnWindows, there_is_no_other_root) {
    EXPECT_EQ(apply_steps({{make_directory(R"(C:\x)"), {}}}, R"(D:\image)").error().code,
              Code::usage);
}

}  // namespace
}  // namespace latchkey::service_install
