#include "service-install/perform_posix.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/unit/platform/temporary_directory.h"

namespace latchkey::service_install {
namespace {

namespace fs = std::filesystem;

mode_t mode_of(const fs::path& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 07777u : 0;
}

TEST(PrivateDirectory, is_its_owners_alone_and_its_parents_are_not) {
    const ReadableByAll readable;
    const platform::TemporaryDirectory dir;
    const fs::path state = dir / "db" / "latchkey";
    EXPECT_EQ(make_private_directory(state), Outcome::done);
    EXPECT_EQ(mode_of(state), 0700u);
    EXPECT_EQ(mode_of(state.parent_path()), 0755u);
    EXPECT_EQ(make_private_directory(state), Outcome::unchanged);
}

TEST(PrivateDirectory, one_that_others_could_read_is_closed) {
    const platform::TemporaryDirectory dir;
    const fs::path state = dir / "latchkey";
    fs::create_directory(state);
    ASSERT_EQ(::chmod(state.c_str(), 0755), 0);
    EXPECT_EQ(make_private_directory(state), Outcome::done);
    EXPECT_EQ(mode_of(state), 0700u);
}

TEST(PrivateDirectory, one_that_others_could_change_is_not_trusted) {
    const platform::TemporaryDirectory dir;
    const fs::path state = dir / "latchkey";
    fs::create_directory(state);
    ASSERT_EQ(::chmod(state.c_str(), 0777), 0);
    EXPECT_FALSE(make_private_directory(state));
}

Action looking_at(const std::string& directory) {
    Action action;
    action.kind = Kind::see_guarded;
    action.target = directory;
    return action;
}

struct GuardedDirectory : testing::Test {
    const platform::TemporaryDirectory dir;
    const std::string root = dir.path().native();

    void SetUp() override { fs::create_directories(dir / "usr/local/libexec"); }
    std::string refusal() const {
        const auto seen = see_guarded(looking_at("/usr/local/libexec/latchkey"), root);
        return seen ? "" : seen.error().detail;
    }
};

TEST_F(GuardedDirectory, that_nobody_else_may_change_is_passed_also_where_it_is_still_to_be_made) {
    EXPECT_EQ(refusal(), "");
}

TEST_F(GuardedDirectory, is_refused_where_others_may_change_one_above_it) {
    ASSERT_EQ(::chmod((dir / "usr/local").c_str(), 0775), 0);
    EXPECT_NE(refusal().find(root + "/usr/local "), std::string::npos) << refusal();
}

TEST_F(GuardedDirectory, is_refused_where_a_link_leads_elsewhere) {
    fs::remove(dir / "usr/local/libexec");
    fs::create_directory_symlink(dir / "usr", dir / "usr/local/libexec");
    EXPECT_EQ(refusal(), root + "/usr/local/libexec is not a directory");
}

Action link_to(const std::string& target) {
    Action action;
    action.kind = Kind::make_link;
    action.content = target;
    action.keep_existing = true;
    return action;
}

TEST(LinkInPath, is_made_once_and_removed) {
    const platform::TemporaryDirectory dir;
    const auto action = link_to("../libexec/latchkey/latchkey");
    EXPECT_EQ(make_link(action, dir / "bin/latchkey"), Outcome::done);
    EXPECT_EQ(make_link(action, dir / "bin/latchkey"), Outcome::unchanged);
    EXPECT_EQ(remove_link(action, dir / "bin/latchkey"), Outcome::done);
    EXPECT_FALSE(fs::exists(fs::symlink_status(dir / "bin/latchkey")));
    EXPECT_EQ(remove_link(action, dir / "bin/latchkey"), Outcome::unchanged);
}

TEST(LinkInPath, leaves_what_somebody_else_put_there) {
    const platform::TemporaryDirectory dir;
    fs::create_symlink("/opt/other/latchkey", dir / "latchkey");
    const auto action = link_to("../libexec/latchkey/latchkey");
    EXPECT_EQ(make_link(action, dir / "latchkey"), Outcome::not_needed);
    EXPECT_EQ(remove_link(action, dir / "latchkey"), Outcome::unchanged);
    EXPECT_EQ(fs::read_symlink(dir / "latchkey"), "/opt/other/latchkey");
}

}  // namespace
}  // namespace latchkey::service_install
