#include "keyserver/premises.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "keyserver/remedies.h"
#include "tests/unit/keyserver/test_server.h"

namespace latchkey::keyserver {
namespace {

const fakes::FakeClock kClock;
const ServerTime kNow = as_server(kClock.wall());

Result<Premises> opened(const std::filesystem::path& directory, const std::string& publisher,
                        WhereNew where_new = WhereNew::make) {
    return open_premises(directory, publisher, {}, kClock, where_new);
}

/// A key server's directory that nobody has open now.
class Closed : public ::testing::Test {
protected:
    void SetUp() override { ASSERT_FALSE(refusal("acme")); }

    std::optional<Problem> refusal(const std::string& publisher = {}) const {
        const auto premises = opened(directory.path(), publisher);
        if (premises) return std::nullopt;
        return premises.error();
    }
    std::string detail() const { return refusal().value_or(Problem{}).detail; }
    std::filesystem::path file(const char* name) const { return directory.path() / name; }

    /// Refused with this code, and with a remedy that holds `hint` and not what agents are told.
    void expect_refused(Code code, const std::string& hint, const std::string& publisher = {}) {
        const auto problem = refusal(publisher);
        ASSERT_TRUE(problem);
        EXPECT_EQ(problem->name(), info(code).name) << problem->detail;
        EXPECT_NE(problem->remedy.find(hint), std::string::npos) << problem->remedy;
    }

    TemporaryDirectory directory;
};

TEST_F(Closed, a_damaged_file_is_to_be_restored_and_nothing_is_said_to_be_repaired) {
    for (const char* name : {"latchkey.db", "publisher.json", "keyset.jws", "signing.key"}) {
        SCOPED_TRACE(name);
        const auto good = platform::read_file(file(name), 1'000'000).value();
        std::ofstream(file(name), std::ios::trunc) << std::string(200, 'x');
        expect_refused(Code::state_corrupt, "from a backup");
        std::ofstream(file(name), std::ios::trunc) << good;
    }
    EXPECT_FALSE(refusal());
}

TEST_F(Closed, a_missing_key_is_damage_and_not_an_unknown_record) {
    for (const char* name : {"signing.key", "seal.key", "pepper.key", "keyset.jws"}) {
        SCOPED_TRACE(name);
        std::filesystem::rename(file(name), file("elsewhere"));
        expect_refused(Code::state_corrupt, "from a backup");
        EXPECT_NE(detail().find(name), std::string::npos) << detail();
        std::filesystem::rename(file("elsewhere"), file(name));
    }
}

TEST_F(Closed, a_database_that_is_gone_is_not_made_a_second_time) {
    for (const char* name : {"latchkey.db", "latchkey.db-wal", "latchkey.db-shm"})
        std::filesystem::remove(file(name));
    expect_refused(Code::state_corrupt, "backup");
    EXPECT_NE(detail().find("latchkey.db is missing"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(file("latchkey.db")));
}

TEST_F(Closed, a_pepper_of_another_database_is_refused) {
    TemporaryDirectory other;
    ASSERT_TRUE(opened(other.path(), "acme"));
    std::filesystem::copy_file(other.path() / "pepper.key", file("pepper.key"),
                               std::filesystem::copy_options::overwrite_existing);
    expect_refused(Code::state_corrupt, "pepper.key");
}

TEST_F(Closed, a_publisher_that_is_gone_is_not_made_anew_beside_a_database_in_use) {
    {
        const auto premises = opened(directory.path(), "").value();
        const auto transaction = premises.store->begin(Store::Access::write).value();
        ASSERT_TRUE(transaction->stores().organizations.add({"contoso", "Contoso", kNow}));
        ASSERT_TRUE(transaction->commit());
    }
    const auto keys = platform::read_file(file("keyset.jws"), 100'000).value();
    std::filesystem::remove(file("publisher.json"));
    expect_refused(Code::state_corrupt, "backup");
    EXPECT_EQ(platform::read_file(file("keyset.jws"), 100'000).value(), keys);
}

TEST(Premises, a_first_start_goes_on_wherever_it_was_interrupted) {
    // In the order in which they are made: each try finds one more of them than the one before.
    const std::vector<const char*> made{"pepper.key", "root.key",    "signing.key",   "seal.key",
                                        "keyset.jws", "latchkey.db", "publisher.json"};
    for (std::size_t kept = 0; kept <= made.size(); ++kept) {
        TemporaryDirectory directory;
        ASSERT_TRUE(opened(directory.path(), "acme"));
        for (std::size_t i = kept; i < made.size(); ++i)
            std::filesystem::remove(directory.path() / made[i]);
        // What was not completed may still be named anew.
        const std::string publisher = kept < made.size() ? "other" : "acme";
        const auto again = opened(directory.path(), publisher);
        ASSERT_TRUE(again) << kept << ": " << again.error().detail;
        EXPECT_EQ(again->keys->room()->publisher().id, publisher);
    }
    TemporaryDirectory directory;
    ASSERT_TRUE(opened(directory.path(), "acme"));
    std::filesystem::remove(directory.path() / "publisher.json");
    std::ofstream(directory.path() / "latchkey.db", std::ios::trunc);
    EXPECT_TRUE(opened(directory.path(), "acme")) << "the file, and nothing in it";
}

TEST(Premises, a_first_start_is_complete_only_with_its_database) {
    TemporaryDirectory directory;
    const auto in_the_way = directory.path() / "latchkey.db-wal";
    std::filesystem::create_directory(in_the_way);
    EXPECT_FALSE(opened(directory.path(), "acme"));
    EXPECT_FALSE(std::filesystem::exists(directory.path() / "publisher.json"));
    std::filesystem::remove(in_the_way);
    EXPECT_TRUE(opened(directory.path(), "acme"));
}

TEST_F(Closed, rights_that_others_have_are_taken_away_with_chmod) {
    ::chmod(file("signing.key").c_str(), 0644);
    expect_refused(Code::config_invalid, "chmod 600 " + file("signing.key").string());
    ::chmod(file("signing.key").c_str(), 0600);
    ::chmod(directory.path().c_str(), 0777);
    expect_refused(Code::config_invalid, "chmod 700 " + directory.path().string());
}

TEST_F(Closed, another_publisher_is_told_what_to_name) {
    expect_refused(Code::config_invalid, "--publisher", "other");
    TemporaryDirectory second;
    ASSERT_TRUE(opened(second.path(), "other"));
    std::filesystem::copy_file(second.path() / "latchkey.db", file("latchkey.db"),
                               std::filesystem::copy_options::overwrite_existing);
    expect_refused(Code::config_invalid, "backup");
}

TEST(Remedies, are_the_key_servers_own_and_a_better_one_stays) {
    for (const Code code : {Code::state_corrupt, Code::config_invalid, Code::not_permitted,
                            Code::storage_failed, Code::agent_unreachable, Code::product_unknown}) {
        const auto remedy = with_remedy({code, "", ""}).remedy;
        EXPECT_FALSE(remedy.empty()) << info(code).name;
        EXPECT_NE(remedy, info(code).remedy);
    }
    EXPECT_EQ(with_remedy({Code::state_corrupt, "", "better"}).remedy, "better");
}

TEST(Premises, are_made_only_by_who_may_begin_them) {
    TemporaryDirectory parent;
    const auto mistyped = parent.path() / "x" / "keyserver";
    const auto refused = opened(mistyped, "", WhereNew::refuse);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::record_unknown);
    EXPECT_NE(refused.error().detail.find(mistyped.string()), std::string::npos);
    EXPECT_FALSE(refused.error().remedy.empty());
    EXPECT_TRUE(std::filesystem::is_empty(parent.path()));
    ASSERT_TRUE(opened(parent.path() / "ks", "", WhereNew::make));
    EXPECT_TRUE(opened(parent.path() / "ks", "", WhereNew::refuse));
}

TEST(Premises, belong_to_one_process_at_a_time) {
    TestServer server;
    const auto second = opened(server.directory(), "");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::state_locked);
}

}  // namespace
}  // namespace latchkey::keyserver
