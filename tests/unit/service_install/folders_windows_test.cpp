// Folders that may be somebody else's. What Wine can show: links, files in the way, folders that
// everybody may write. Owners and access lists it makes up from Unix' own; verify-on-windows.ps1
// shows the real ones.

#include "service-install/folders_windows.h"

#include <windows.h>

#include <gtest/gtest.h>

#include <fstream>

#include "base/path_text.h"
#include "platform/handle_windows.h"
#include "platform/security_windows.h"
#include "service-install/actions.h"
#include "tests/unit/platform/temporary_directory.h"

namespace latchkey::service_install {
namespace {

namespace fs = std::filesystem;

const std::string kSddl = "O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)";

void write(const fs::path& path, const std::string& content) {
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
}

TEST(Folders, are_made_and_guarded_again) {
    const platform::TemporaryDirectory dir;
    const fs::path folder = dir / "data";
    EXPECT_EQ(check_folder(folder), Result<bool>(false));
    const auto made = guard_folder(folder, kSddl);
    ASSERT_TRUE(made) << made.error().detail;
    EXPECT_EQ(*made, Outcome::done);
    write(folder / "agent.d" / "mine.toml", "mine");
    const auto there = check_folder(folder);
    ASSERT_TRUE(there) << there.error().detail;
    EXPECT_TRUE(*there);
    const auto again = guard_folder(folder, kSddl);
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_TRUE(fs::exists(folder / "agent.d" / "mine.toml"));
    EXPECT_FALSE(folder_rights(folder).empty());
    EXPECT_TRUE(put_back_rights(folder, folder_rights(folder)));
}

TEST(Folders, a_file_in_the_way_is_refused_and_stays) {
    const platform::TemporaryDirectory dir;
    write(dir / "data", "in the way");
    for (const auto& problem :
         {check_folder(dir / "data").error(), guard_folder(dir / "data", kSddl).error(),
          remove_tree(dir / "data").error()}) {
        EXPECT_EQ(problem.code, Code::not_permitted);
        EXPECT_NE(problem.detail.find("is a file where a folder belongs"), std::string::npos);
    }
    EXPECT_TRUE(fs::exists(dir / "data"));
}

TEST(Folders, all_in_one_is_removed_read_only_files_too) {
    const platform::TemporaryDirectory dir;
    const fs::path folder = dir / "data";
    write(folder / "a" / "b" / "file", "x");
    write(folder / "fixed", "x");
    ::SetFileAttributesW((folder / "fixed").c_str(), FILE_ATTRIBUTE_READONLY);
    EXPECT_EQ(remove_tree(folder).value(), Outcome::done);
    EXPECT_FALSE(fs::exists(folder));
    EXPECT_EQ(remove_tree(folder).value(), Outcome::unchanged);
}

TEST(Folders, what_stays_is_named_and_the_rest_goes) {
    const platform::TemporaryDirectory dir;
    const fs::path folder = dir / "data";
    write(folder / "held", "x");
    write(folder / "other", "x");
    {
        const platform::UniqueHandle holder(::CreateFileW((folder / "held").c_str(), GENERIC_READ,
                                                          0, nullptr, OPEN_EXISTING, 0, nullptr));
        ASSERT_TRUE(holder);
        const auto removed = remove_tree(folder);
        ASSERT_FALSE(removed);
        EXPECT_EQ(removed.error().code, Code::storage_failed);
        EXPECT_NE(removed.error().detail.find("held"), std::string::npos) << removed.error().detail;
        EXPECT_FALSE(fs::exists(folder / "other"));
    }
    EXPECT_TRUE(remove_tree(folder));
}

TEST(Folders, the_plan_names_the_service_as_windows_does) {
    Facts facts;
    facts.manager = Manager::windows;
    for (const auto& step : plan_install({}, facts)) {
        if (step.act.kind != Kind::guard_directory) continue;
        EXPECT_NE(step.act.content.find(platform::agent_service().text()), std::string::npos);
    }
}

}  // namespace
}  // namespace latchkey::service_install
