#include "platform/service/service_user.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/secure_file.h"
#include "platform/service/service_user_posix.h"
#include "tests/unit/platform/temporary_directory.h"

namespace latchkey::platform {
namespace {

constexpr uid_t kSomebody = 65534;
constexpr gid_t kGroup = 65533;
constexpr gid_t kFurther = 65532;

class ServiceUser : public testing::Test {
protected:
    ServiceUser() {
        ::chmod(dir.path().c_str(), 0755);
        EXPECT_TRUE(write_private_file(file, "of root"));
    }

    /// 0: that user can read it.
    std::optional<int> reading(const Account& account) const {
        return run_as(account, [this] { return read_file(file, 100) ? 0 : 7; });
    }

    TemporaryDirectory dir;
    const std::filesystem::path file = dir / "file";
};

TEST_F(ServiceUser, reads_no_more_than_it_may) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can be somebody else";
    const Account somebody{kSomebody, kGroup, {kFurther}};
    EXPECT_EQ(reading(somebody), 7);
    ASSERT_EQ(::chown(file.c_str(), kSomebody, 0), 0);
    EXPECT_EQ(reading(somebody), 0);
    for (const gid_t group : {kGroup, kFurther}) {
        ASSERT_EQ(::chown(file.c_str(), 0, group), 0);
        ASSERT_EQ(::chmod(file.c_str(), 0640), 0);
        EXPECT_EQ(reading(somebody), 0) << group;
    }
    EXPECT_EQ(reading({kSomebody, kGroup, {}}), 7) << "root's further groups must not come along";
    EXPECT_EQ(::geteuid(), 0U);
}

TEST_F(ServiceUser, is_told_how_a_file_becomes_readable) {
    EXPECT_EQ(unreadable_remedy(file), "");
    EXPECT_EQ(unreadable_remedy(dir / "absent"), "");
    if (::geteuid() != 0) GTEST_SKIP() << "only root can be somebody else";
    const auto told = run_as({kSomebody, kGroup, {}}, [this] {
        const auto remedy = unreadable_remedy(file);
        return remedy.find(" -m 600 FILE " + file.native()) == std::string::npos ? 7 : 0;
    });
    EXPECT_EQ(told, 0);
}

TEST_F(ServiceUser, is_told_where_a_file_is_seen_that_lies_where_no_right_helps) {
    for (const std::string folder : {"/home", "/root", "/run/user", "/tmp", "/srv", "/var/log"}) {
        const auto remedy = unseen_remedy(folder + "/editor.key");
        EXPECT_NE(remedy.find("does not see " + folder + ","), std::string::npos) << remedy;
        EXPECT_NE(remedy.find("/etc/latchkey"), std::string::npos) << remedy;
    }
    EXPECT_NE(unseen_remedy("/srv"), "");
    EXPECT_NE(unseen_remedy("/etc/latchkey/../../root/ca.pem"), "");
    for (const char* seen : {"/etc/latchkey/ca.pem", "/homes/ca.pem", "/usr/root/ca.pem", "/"})
        EXPECT_EQ(unseen_remedy(seen), "");
    if (::geteuid() != 0) GTEST_SKIP() << "only root can be somebody else";
    ASSERT_EQ(::access("/root", X_OK), 0);
    const auto told = run_as({kSomebody, kGroup, {}}, [] {
        return unreadable_remedy("/root/editor.key") == unseen_remedy("/root/editor.key") ? 0 : 7;
    });
    EXPECT_EQ(told, 0) << "a chown would not help";
}

}  // namespace
}  // namespace latchkey::platform
