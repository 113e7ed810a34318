// What an installer was told, put in its place and taken back.

#include "service-install/told_files.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/path_text.h"
#include "tests/unit/platform/temporary_directory.h"

namespace latchkey::service_install {
namespace {

namespace fs = std::filesystem;

class ToldFilesTest : public testing::Test {
protected:
    void SetUp() override {
        write(source("ca.pem"), "an authority");
        write(source("editor.key"), "a key");
        files_.path = text(target("agent.d") / "50-installer.toml");
        files_.text = std::string(told_heading()) + "\n\n[agent]\n";
        files_.copies = {{text(source("ca.pem")), text(target("keyserver-ca.pem")), false},
                         {text(source("editor.key")), text(target("inbox") / "editor.key"), true}};
    }

    fs::path source(const char* name) { return directory_.path() / name; }
    fs::path target(const char* name) { return directory_.path() / "data" / name; }
    static std::string text(const fs::path& path) { return utf8_text(path); }
    static void write(const fs::path& path, const std::string& content) {
        fs::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << content;
    }
    static std::string read(const std::string& path) {
        std::ifstream file(utf8_path(path), std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    std::size_t files_there() {
        std::size_t count = 0;
        for (const auto& entry : fs::recursive_directory_iterator(directory_.path() / "data"))
            count += entry.is_regular_file() ? 1 : 0;
        return count;
    }

    const platform::TemporaryDirectory directory_;
    ToldFiles files_;
};

TEST_F(ToldFilesTest, are_laid_down_and_kept) {
    ASSERT_TRUE(check_copies(files_));
    ASSERT_TRUE(lay_files(files_));
    keep_files(files_);
    EXPECT_EQ(read(files_.path), files_.text);
    EXPECT_EQ(read(files_.copies[0].to), "an authority");
    EXPECT_EQ(read(files_.copies[1].to), "a key");
    EXPECT_EQ(files_there(), 3u);
}

TEST_F(ToldFilesTest, leave_nothing_when_they_are_taken_back) {
    ASSERT_TRUE(lay_files(files_));
    take_back_files(files_);
    EXPECT_EQ(files_there(), 0u);
}

TEST_F(ToldFilesTest, give_back_what_was_there_before) {
    const std::string old = std::string(told_heading()) + "\n\n[keyserver]\n";
    write(utf8_path(files_.path), old);
    write(utf8_path(files_.copies[1].to), "an older key");
    ASSERT_TRUE(lay_files(files_));
    EXPECT_EQ(read(files_.copies[1].to), "a key");
    // A second attempt before the first was ended: the oldest is what comes back.
    ASSERT_TRUE(lay_files(files_));
    take_back_files(files_);
    EXPECT_EQ(read(files_.path), old);
    EXPECT_EQ(read(files_.copies[1].to), "an older key");
    EXPECT_EQ(files_there(), 2u);
}

TEST_F(ToldFilesTest, half_laid_down_are_taken_back_too) {
    files_.copies[1].from = text(source("missing.key"));
    EXPECT_FALSE(check_copies(files_));
    EXPECT_FALSE(lay_files(files_));
    take_back_files(files_);
    EXPECT_EQ(files_there(), 0u);
}

TEST_F(ToldFilesTest, settings_that_an_administrator_took_over_stay) {
    write(utf8_path(files_.path), "# mine\n");
    ASSERT_TRUE(lay_files(files_));
    keep_files(files_);
    EXPECT_EQ(read(files_.path), "# mine\n");
    EXPECT_EQ(read(files_.copies[0].to), "an authority");
}

TEST_F(ToldFilesTest, a_key_that_was_passed_for_its_file_is_not_repeated) {
    files_.copies[1].from = text(source("1ABCD-EFGHJ-KMNPQ-RSTVW"));
    const auto checked = check_copies(files_);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, Code::input_unreadable);
    EXPECT_EQ(checked.error().detail.find("EFGHJ"), std::string::npos);
}

}  // namespace
}  // namespace latchkey::service_install
