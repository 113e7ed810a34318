#include "keyserver/keys/certificates.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "keyserver/policy.h"
#include "platform/secure_file.h"
#include "tests/unit/keyserver/temporary_directory.h"

namespace latchkey::keyserver {
namespace {

constexpr WallTime kNow{seconds{1'790'000'000}};

class Certificates : public ::testing::Test {
protected:
    std::string ensure(const std::string& host, WallTime now) {
        const auto files = ensure_server_certificate(directory.path(), "acme", host, now);
        EXPECT_TRUE(files) << files.error().detail;
        return platform::read_file(files->certificate, 65536).value();
    }
    std::string authority() {
        return platform::read_file(directory.path() / "ca.pem", 65536).value();
    }

    TemporaryDirectory directory;
};

TEST_F(Certificates, are_kept_while_they_are_good) {
    const auto first = ensure("127.0.0.1", kNow);
    EXPECT_EQ(ensure("localhost", kNow + Days{100}), first);
}

TEST_F(Certificates, are_made_anew_before_they_end_by_the_same_authority) {
    const auto first = ensure("127.0.0.1", kNow);
    const auto trusted = authority();
    EXPECT_NE(
        ensure("127.0.0.1", kNow + kServerCertificateLifetime - kServerCertificateMargin + Days{1}),
        first);
    EXPECT_EQ(authority(), trusted) << "what agents trust stays";
}

TEST_F(Certificates, are_made_anew_for_another_host) {
    const auto first = ensure("127.0.0.1", kNow);
    const auto named = ensure("keys.example", kNow);
    EXPECT_NE(named, first);
    EXPECT_EQ(ensure("keys.example", kNow), named);
}

TEST_F(Certificates, keep_their_private_keys_to_themselves) {
    ensure("127.0.0.1", kNow);
    for (const char* name : {"ca.key", "server.key"}) {
        struct stat info {};
        ASSERT_EQ(::stat((directory.path() / name).c_str(), &info), 0);
        EXPECT_EQ(info.st_mode & 0777, 0600u) << name;
    }
}

TEST_F(Certificates, an_authority_of_which_a_half_is_missing_is_not_replaced_behind_agents_backs) {
    for (const std::vector<const char*>& lost :
         {std::vector{"ca.key"}, std::vector{"ca.pem"}, std::vector{"ca.key", "ca.pem"}}) {
        TemporaryDirectory elsewhere;
        ASSERT_TRUE(ensure_server_certificate(elsewhere.path(), "acme", "", kNow));
        for (const char* file : lost) std::filesystem::remove(elsewhere.path() / file);
        const auto refused = ensure_server_certificate(elsewhere.path(), "acme", "", kNow);
        ASSERT_FALSE(refused) << lost.front();
        EXPECT_EQ(refused.error().code, Code::state_corrupt);
        EXPECT_NE(refused.error().remedy.find("from the backup"), std::string::npos);
        for (const char* file : lost)
            EXPECT_FALSE(std::filesystem::exists(elsewhere.path() / file));
    }
}

TEST_F(Certificates, an_authority_whose_making_was_interrupted_is_made_whole) {
    ensure("", kNow);
    for (const char* file : {"ca.pem", "server.pem", "server.key"})
        std::filesystem::remove(directory.path() / file);
    ensure("", kNow);
    EXPECT_FALSE(authority().empty());
}

TEST_F(Certificates, an_authority_that_lost_its_key_is_an_error_and_not_replaced) {
    ensure("127.0.0.1", kNow);
    ASSERT_TRUE(platform::write_private_file(directory.path() / "ca.key", "nonsense"));
    const auto refused = ensure_server_certificate(directory.path(), "acme", "other.example", kNow);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::state_corrupt);
}

}  // namespace
}  // namespace latchkey::keyserver
