// What the service manager reads for the agent, and what only looks like it.

#include "platform/hardware/service_credential_linux.h"

#include <gtest/gtest.h>
#include <linux/magic.h>
#include <stdlib.h>

#include <fstream>

#include "tests/unit/platform/temporary_directory.h"

namespace latchkey::platform {
namespace {

CredentialDirectory systemds() {
    return {"/run/credentials/latchkeyd.service", true, true, true, RAMFS_MAGIC, true};
}

TEST(ServiceCredential, is_believed_in_the_place_that_systemd_makes) {
    EXPECT_TRUE(is_the_service_managers(systemds()));
    auto tmpfs = systemds();
    tmpfs.file_system = TMPFS_MAGIC;
    EXPECT_TRUE(is_the_service_managers(tmpfs));
}

TEST(ServiceCredential, is_not_believed_where_an_ordinary_user_could_have_made_it) {
    const auto spoiled = [](auto spoil) {
        auto directory = systemds();
        spoil(directory);
        return is_the_service_managers(directory);
    };
    EXPECT_FALSE(spoiled([](auto& d) { d.parent_is_roots = false; }));
    EXPECT_FALSE(spoiled([](auto& d) { d.is_directory = false; }));
    EXPECT_FALSE(spoiled([](auto& d) { d.own_mount = false; }));
    EXPECT_FALSE(spoiled([](auto& d) { d.read_only = false; }));
    EXPECT_FALSE(spoiled([](auto& d) { d.file_system = EXT4_SUPER_MAGIC; }));
    EXPECT_FALSE(spoiled([](auto& d) { d.path = "/tmp/credentials"; }));
}

TEST(ServiceCredential, stands_right_under_the_managers_directory) {
    EXPECT_TRUE(is_credential_place("/run/credentials/x"));
    for (const char* path :
         {"", "/run/credentials", "/run/credentials/", "/run/credentials/.", "/run/credentials/..",
          "/run/credentials/../../tmp", "/run/credentials/a/b", "/run/credentials/a/",
          "/run/credentialsx/a", "run/credentials/a", "/home/run/credentials/a"})
        EXPECT_FALSE(is_credential_place(path)) << path;
}

TEST(ServiceCredential, a_variable_that_names_another_directory_shows_no_other_hardware) {
    const TemporaryDirectory mine;
    std::ofstream(mine.path() / "smbios-table") << "made up";
    ASSERT_EQ(::setenv("CREDENTIALS_DIRECTORY", mine.path().c_str(), 1), 0);
    EXPECT_FALSE(read_service_credential("smbios-table", 4096).readable());
    ::unsetenv("CREDENTIALS_DIRECTORY");
    EXPECT_EQ(read_service_credential("smbios-table", 4096).access, hwid::Access::absent);
}

}  // namespace
}  // namespace latchkey::platform
