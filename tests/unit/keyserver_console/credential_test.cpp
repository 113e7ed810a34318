#include "keyserver/console/credential.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <set>

#include "platform/secure_file.h"
#include "tests/unit/keyserver/temporary_directory.h"

namespace latchkey::keyserver::console {
namespace {

constexpr ServerTime kNow{Duration{1'790'000'000'000}};
constexpr DigestCost kCheap{16, 8, 1};

class ConsoleCredential : public ::testing::Test {
protected:
    TemporaryDirectory directory;
    std::filesystem::path file() const { return credential_file(directory.path()); }
};

TEST_F(ConsoleCredential, the_password_matches_and_no_other_does) {
    const auto credential = make_credential("correct horse", kNow, kCheap);
    EXPECT_TRUE(matches(credential, "correct horse"));
    EXPECT_FALSE(matches(credential, "correct horsf"));
    EXPECT_FALSE(matches(credential, ""));
    EXPECT_NE(make_credential("correct horse", kNow, kCheap).digest, credential.digest)
        << "each has a salt of its own";
}

TEST_F(ConsoleCredential, it_is_kept_for_the_owner_alone_and_never_in_the_clear) {
    const auto credential = make_credential("correct horse", kNow, kCheap);
    ASSERT_TRUE(write_credential(directory.path(), credential));
    struct stat status {};
    ASSERT_EQ(::stat(file().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
    EXPECT_EQ(platform::read_file(file(), 4096)->find("horse"), std::string::npos);
    const auto read = read_credential(directory.path());
    ASSERT_TRUE(read && *read);
    EXPECT_TRUE(matches(**read, "correct horse"));
    EXPECT_EQ((*read)->id(), credential.id());
    EXPECT_EQ((*read)->set_at, kNow);
}

TEST_F(ConsoleCredential, where_none_was_set_there_is_none) {
    const auto read = read_credential(directory.path());
    ASSERT_TRUE(read);
    EXPECT_FALSE(*read);
}

TEST_F(ConsoleCredential, a_file_that_others_may_read_is_not_believed) {
    ASSERT_TRUE(write_credential(directory.path(), make_credential("correct horse", kNow, kCheap)));
    ASSERT_EQ(::chmod(file().c_str(), 0644), 0);
    EXPECT_EQ(read_credential(directory.path()).error().code, Code::not_permitted);
}

TEST_F(ConsoleCredential, a_damaged_file_is_an_error_and_cannot_ask_for_more_than_it_may) {
    const std::string good =
        R"({"schema":"latchkey.console/1","n":16,"r":8,"p":1,"salt":"AAAAAAAAAAAAAAAAAAAAAA","digest":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","set_at":"2026-11-27T00:00:00Z"})";
    ASSERT_TRUE(platform::write_private_file(file(), good));
    EXPECT_TRUE(read_credential(directory.path()));
    const auto with = [&](const std::string& from, const std::string& to) {
        std::string bent = good;
        bent.replace(bent.find(from), from.size(), to);
        return bent;
    };
    for (const auto& bad :
         {std::string("nonsense"), with("\"n\":16", "\"n\":15"), with("\"n\":16", "\"n\":2097152"),
          with("\"r\":8", "\"r\":0"), with("\"p\":1", "\"p\":99"), with("console/1", "console/2"),
          with("\"salt\":\"AA", "\"salt\":\"")}) {
        ASSERT_TRUE(platform::write_private_file(file(), bad));
        const auto read = read_credential(directory.path());
        ASSERT_FALSE(read) << bad;
        EXPECT_EQ(read.error().code, Code::state_corrupt) << bad;
    }
}

TEST_F(ConsoleCredential, a_password_that_is_made_is_long_and_another_each_time) {
    std::set<std::string> made;
    for (int i = 0; i < 50; ++i) made.insert(make_password());
    EXPECT_EQ(made.size(), 50u);
    EXPECT_EQ(made.begin()->size(), 29u) << "25 symbols of 5 bits in groups of five";
    EXPECT_TRUE(check_password(*made.begin()));
}

TEST_F(ConsoleCredential, a_password_that_is_chosen_has_a_least_length_and_one_line) {
    EXPECT_FALSE(check_password("elevenbytes"));
    EXPECT_TRUE(check_password("twelve bytes"));
    EXPECT_FALSE(check_password("two lines\nof it"));
    EXPECT_FALSE(check_password(std::string(257, 'x')));
}

}  // namespace
}  // namespace latchkey::keyserver::console
