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

}  // namespace
}  // namespace latchkey::service_install
