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
        files_.path = text(target("agent.d") / "50-installer.toml");
        files_.text = std::string(told_heading()) + "\n\n[agent]\n";
        files_.copies = {{"CA_FILE", "", text(target("keyserver-ca.pem")), false, "an authority"},
                         {"KEY_FILE", "", text(target("inbox") / "editor.key"), true, "a key"}};
    }

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
    // A folder stands where the key belongs.
    fs::create_directories(utf8_path(files_.copies[1].to) / "in the way");
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

}  // namespace
}  // namespace latchkey::service_install
