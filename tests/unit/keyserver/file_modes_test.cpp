// What others may do with the files of a data directory is looked at before any of them is
// believed, each one, at every start.

#include "keyserver/keys/file_modes.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <cstdio>
#include <fstream>

#include "keyserver/keys/certificates.h"
#include "keyserver/keys/key_warnings.h"
#include "keyserver/premises.h"
#include "tests/fakes/fake_clock.h"
#include "tests/unit/keyserver/temporary_directory.h"

namespace latchkey::keyserver {
namespace {

namespace fs = std::filesystem;

const fakes::FakeClock kClock;

class FileModes : public ::testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(opened());
        ASSERT_TRUE(certificates());
    }
    Result<Premises> opened() const {
        return open_premises(directory.path(), {}, {}, kClock, WhereNew::make);
    }
    Result<TlsFiles> certificates() const {
        return ensure_server_certificate(directory.path(), "acme", "localhost", kClock.wall());
    }
    fs::path path(const KeptFile& file) const { return directory.path() / file.name; }

    TemporaryDirectory directory;
};

struct Right {
    mode_t mode;
    bool secret_is_refused;
    bool document_is_refused;
    const char* others;  ///< what they may do, as the refusal of a secret says
};
constexpr Right kRights[] = {
    {0600, false, false, ""},        {0400, false, false, ""},
    {0640, true, false, "read it"},  {0604, true, false, "read it"},
    {0644, true, false, "read it"},  {0620, true, true, "change it"},
    {0602, true, true, "change it"}, {0666, true, true, "read and change it"},
};

TEST_F(FileModes, of_every_file_are_looked_at_before_it_is_believed) {
    for (const auto& file : kept_files()) {
        // What later starts and rotations add is looked at, too.
        const bool is_there = fs::exists(path(file));
        std::ofstream(path(file), std::ios::app).flush();
        for (const auto& right : kRights) {
            SCOPED_TRACE(std::string(file.name) + " " + std::to_string(right.mode));
            ::chmod(path(file).c_str(), right.mode);
            const auto checked = check_file_modes(directory.path());
            const bool secret = file.kind == FileKind::secret;
            ASSERT_EQ(!checked, secret ? right.secret_is_refused : right.document_is_refused);
            if (checked) {
                EXPECT_TRUE(checked->empty());
                continue;
            }
            const auto& problem = checked.error();
            EXPECT_EQ(problem.code, Code::config_invalid);
            std::array<char, 8> shown{};
            std::snprintf(shown.data(), shown.size(), "%04o", right.mode);
            EXPECT_EQ(problem.detail, path(file).string() + " has mode " + shown.data() +
                                          ": other users may " +
                                          (secret ? right.others : "change it"));
            EXPECT_NE(problem.remedy.find((secret ? "chmod 600 " : "chmod 644 ") +
                                          path(file).string() + "'"),
                      std::string::npos)
                << problem.remedy;
        }
        ::chmod(path(file).c_str(), 0600);
        if (!is_there) fs::remove(path(file));
    }
}

TEST_F(FileModes, stop_a_start_and_the_file_stays_as_it_was) {
    for (const char* name : {"root.key", "pepper.key", "server.key", "ca.key", "latchkey.db"}) {
        const auto file = directory.path() / name;
        const auto before = platform::read_file(file, 1'000'000).value();
        ::chmod(file.c_str(), 0644);
        const auto start = opened();
        ASSERT_FALSE(start) << name;
        EXPECT_NE(start.error().detail.find(name), std::string::npos);
        EXPECT_EQ(platform::read_file(file, 1'000'000).value(), before) << name;
        ::chmod(file.c_str(), 0600);
    }
    EXPECT_TRUE(opened());
}

TEST_F(FileModes, of_the_servers_own_key_are_no_reason_to_make_another_one) {
    const auto key = directory.path() / "server.key";
    const auto before = platform::read_file(key, 100'000).value();
    ::chmod(key.c_str(), 0640);
    const auto refused = certificates();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::not_permitted);
    EXPECT_EQ(platform::read_file(key, 100'000).value(), before);
}

TEST_F(FileModes, of_a_directory_others_may_change_are_refused_and_a_look_into_it_is_told) {
    for (const mode_t mode : {0720u, 0702u, 0777u}) {
        ::chmod(directory.path().c_str(), mode);
        const auto start = opened();
        ASSERT_FALSE(start) << mode;
        EXPECT_EQ(start.error().code, Code::config_invalid);
        EXPECT_NE(start.error().detail.find("other users may put files into it"),
                  std::string::npos);
        EXPECT_NE(start.error().remedy.find("'chmod 700 " + directory.path().string() + "'"),
                  std::string::npos);
    }
    for (const mode_t mode : {0755u, 0750u, 0710u}) {
        ::chmod(directory.path().c_str(), mode);
        for (int start = 0; start < 2; ++start) {
            const auto premises = opened();
            ASSERT_TRUE(premises) << premises.error().detail;
            ASSERT_EQ(premises->warnings.size(), 1u) << "at each start";
            EXPECT_NE(premises->warnings[0].find("other users may look into it"),
                      std::string::npos);
            EXPECT_NE(premises->warnings[0].find("chmod 700"), std::string::npos);
        }
    }
    ::chmod(directory.path().c_str(), 0700);
    EXPECT_TRUE(opened()->warnings.empty());
}

TEST_F(FileModes, of_strangers_are_refused_whatever_the_mode) {
    for (const auto kind : {FileKind::secret, FileKind::document, FileKind::directory}) {
        const auto verdict = judge_mode("/d/f", kind, {"0600", false, false, true});
        ASSERT_TRUE(verdict.refusal);
        EXPECT_EQ(verdict.refusal->detail, "/d/f belongs to another user");
    }
}

TEST_F(FileModes, of_a_root_key_that_others_may_read_do_not_silence_the_warning_about_it) {
    const auto premises = opened();
    ASSERT_TRUE(premises);
    const auto now = as_server(kClock.wall());
    const auto room = premises->keys->room();
    ASSERT_EQ(warnings_about_keys(*room, now).size(), 1u);
    ::chmod((directory.path() / "root.key").c_str(), 0666);
    const auto warnings = warnings_about_keys(*room, now);
    ASSERT_EQ(warnings.size(), 1u);
    EXPECT_NE(warnings[0].find("root.key lies in the data directory"), std::string::npos);
}

}  // namespace
}  // namespace latchkey::keyserver
