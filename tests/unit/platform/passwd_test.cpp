#include "platform/passwd_posix.h"

#include <gtest/gtest.h>

namespace latchkey::platform {
namespace {

TEST(Passwd, reads_name_and_uid_of_a_line) {
    const auto entry =
        parse_passwd_line("latchkey:x:998:997:Latchkey agent:/var/lib/latchkey:/bin/false");
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->name, "latchkey");
    EXPECT_EQ(entry->uid, 998u);
}

TEST(Passwd, sets_malformed_lines_aside) {
    for (const char* line :
         {"", "root", ":x:0:0::/:", "root:x", "root:x:", "root:x:0", "root:x::0:", "root:x:zero:0:",
          "root:x:0x:0:", "root:x:-1:0:", "root:x:99999999999:0:", "+::::::"})
        EXPECT_FALSE(parse_passwd_line(line)) << line;
}

TEST(Passwd, knows_root_both_ways_and_no_stranger) {
    EXPECT_EQ(uid_of_user("root"), std::optional<uid_t>(0));
    EXPECT_EQ(user_of_uid(0), "root");
    EXPECT_FALSE(uid_of_user("no such user here"));
    EXPECT_FALSE(user_of_uid(static_cast<uid_t>(-2)));
}

TEST(Passwd, knows_the_groups_of_an_account) {
    const char* const passwd =
        "root:x:0:0::/:/bin/sh\nlatchkey2:x:5:5::/:\nlatchkey:x:998:997::/:\n";
    const char* const group =
        "latchkey:x:997:\ntss:x:107:other,latchkey\nadm:x:4:latchkey2,xlatchkey\nodd:x::latchkey\n"
        "ssl:x:108:latchkey";
    const auto account = parse_account(passwd, group, "latchkey");
    ASSERT_TRUE(account);
    EXPECT_EQ(account->uid, 998u);
    EXPECT_EQ(account->gid, 997u);
    EXPECT_EQ(account->groups, (std::vector<gid_t>{107, 108}));
    EXPECT_FALSE(parse_account(passwd, group, "latch"));
}

}  // namespace
}  // namespace latchkey::platform
