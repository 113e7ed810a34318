// What is SQLite's alone: the file, and its migrations.

#include "keyserver/store/sqlite_store.h"

#include <gtest/gtest.h>

#include <fstream>

#include "keyserver/store/migrations.h"
#include "keyserver/store/sqlite.h"
#include "licensing/crypto.h"
#include "tests/unit/keyserver/last_activation.h"
#include "tests/unit/keyserver/temporary_directory.h"

namespace latchkey::keyserver {
namespace {

const StoreOwner kOwner{"acme", "pepper"};

class SqliteStoreTest : public ::testing::Test {
protected:
    void SetUp() override { ASSERT_TRUE(open_sqlite_store(file(), kOwner, Start::first)); }
    std::filesystem::path file() const { return directory_.path() / "latchkey.db"; }
    TemporaryDirectory directory_;
};

TEST_F(SqliteStoreTest, a_newer_schema_is_refused_without_harm) {
    {
        auto db = SqliteDatabase::open(file()).value();
        ASSERT_TRUE(db->execute("PRAGMA user_version = 99"));
    }
    const auto refused = open_sqlite_store(file(), kOwner, Start::later);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::state_newer);
    auto db = SqliteDatabase::open(file()).value();
    EXPECT_EQ(db->read_number("PRAGMA user_version").value(), 99);
}

TEST_F(SqliteStoreTest, a_file_that_is_no_database_is_refused_and_kept) {
    const auto other = directory_.path() / "other.db";
    std::ofstream(other) << std::string(4096, 'x');
    const auto refused = open_sqlite_store(other, kOwner, Start::first);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::state_corrupt);
    EXPECT_EQ(std::filesystem::file_size(other), 4096u);
}

TEST_F(SqliteStoreTest, a_database_from_before_the_check_takes_the_pepper_it_is_opened_with) {
    ASSERT_TRUE(SqliteDatabase::open(file()).value()->execute(
        "DELETE FROM meta WHERE name = 'pepper_check'"));
    EXPECT_TRUE(open_sqlite_store(file(), kOwner, Start::later));
    EXPECT_FALSE(open_sqlite_store(file(), {"acme", "other"}, Start::later));
}

TEST_F(SqliteStoreTest, what_is_missing_or_empty_later_is_never_made_a_second_time) {
    std::filesystem::remove(file());
    for (const char* what : {"missing", "empty"}) {
        const auto refused = open_sqlite_store(file(), kOwner, Start::later);
        ASSERT_FALSE(refused) << what;
        EXPECT_EQ(refused.error().code, Code::state_corrupt);
        EXPECT_NE(refused.error().detail.find(what), std::string::npos) << refused.error().detail;
        std::ofstream(file(), std::ios::trunc);
    }
    EXPECT_EQ(std::filesystem::file_size(file()), 0u);
}

TEST_F(SqliteStoreTest, gives_the_last_activation_of_a_key_once_however_many_threads_ask) {
    constexpr std::int64_t kLimit = 500;
    const auto store = open_sqlite_store(file(), kOwner, Start::later).value();
    sell(*store, kLimit);
    race_for_the_last({store.get()}, store->parallel(), kLimit);
}

TEST(Migrations, frozen_ones_never_change) {
    // A released migration is history: a change of the schema is a new file with its own line here.
    ASSERT_EQ(migrations().size(), 9u);
    EXPECT_EQ(hex(licensing::sha256(migrations()[0])),
              "11675ef1960233a81068f655c46997b6486e709b2858f1b2f2b6ca4b71eaf9a7");
    EXPECT_EQ(hex(licensing::sha256(migrations()[1])),
              "26cbd819dd50eeaf1d86dcea67ef31d3abbd988e3463e85085dd402502887cf1");
    EXPECT_EQ(hex(licensing::sha256(migrations()[2])),
              "ff2c9fff4f9acc5b36b24ed3741faf214656801d76d431d1e78f00cb9d660ad9");
    EXPECT_EQ(hex(licensing::sha256(migrations()[3])),
              "94ecbaef25cb69bd4bda77d4091664c7017b4f6f59ab9e227252b3609366f4bc");
    EXPECT_EQ(hex(licensing::sha256(migrations()[4])),
              "66af8879304d3f255a45b7f4de2b3a25f2e97efbb6e76bb5b4117c537a87ef3e");
    EXPECT_EQ(hex(licensing::sha256(migrations()[5])),
              "d2c37a0d628b96afcff8bbac0dc57510aae70ac9b6256166d9fc9b66bae06f79");
    EXPECT_EQ(hex(licensing::sha256(migrations()[6])),
              "f2146ed94ca99a2cba5b1ce7c59eb520b42ea6aa00c0b597b20bb9b21d611950");
    EXPECT_EQ(hex(licensing::sha256(migrations()[7])),
              "d71fa4ea094598f65e4d447bff286d2f3a0f52d825f857668053186811be12a7");
    EXPECT_EQ(hex(licensing::sha256(migrations()[8])),
              "020cd9267fd6cc616b994bd5a0a825c831d8c86d2669131a59b2469100b8e325");
}

TEST(Migrations, licenses_and_products_of_the_second_one_go_on) {
    TemporaryDirectory directory;
    const auto file = directory.path() / "latchkey.db";
    {
        auto old = SqliteDatabase::open(file).value();
        ASSERT_TRUE(old->execute(
            std::string(migrations()[0]) + std::string(migrations()[1]) +
            "PRAGMA application_id = 0x4c4b4b53; PRAGMA user_version = 2;"
            "INSERT INTO products VALUES (1, 'p', 'P', '', NULL, 1, '[]', '[]', 1, 2, 0, 1);"
            "INSERT INTO organizations VALUES (1, 'o', 'O', 1);"
            "INSERT INTO entitlements VALUES (1, 'e', 'p', 'ai-cloud', 'o', 1, 3, NULL, '', 1);"
            "INSERT INTO product_keys VALUES (1, 'k', 'e', zeroblob(32), 'ABCDE', 3, 1, 0, 1);"
            "INSERT INTO machines VALUES (1, 'm', 'k', 'active', '{}', '{}', 1, 'linux', '', '',"
            " 1, 1, NULL);"
            "INSERT INTO licenses VALUES ('l', 'm', 'k', 'd', 0, 2, 1, NULL);"
            "INSERT INTO leases VALUES ('l', 1, 0, 1), ('l', 2, 1, 1);"));
    }
    const auto store = open_sqlite_store(file, kOwner, Start::later).value();
    const auto transaction = store->begin(Store::Access::write).value();
    Stores& stores = transaction->stores();
    const auto product = stores.products.find("p").value();
    EXPECT_TRUE(product->rearm_ledger);
    EXPECT_EQ(product->initial_grace_days, 30);
    EXPECT_EQ(product->out_of_tolerance_days, 30);
    EXPECT_EQ(product->rearms, 3);
    EXPECT_EQ(product->lab_reimages_per_year, 26);
    EXPECT_FALSE(stores.licenses.find("l").value()->adopt_next);
    const auto leases = stores.licenses.leases("l", 10).value();
    ASSERT_EQ(leases.size(), 2u);
    EXPECT_EQ(leases[1].after, 1);
    EXPECT_TRUE(leases[1].platform.empty());
    EXPECT_FALSE(leases[1].adopted);
    EXPECT_TRUE(stores.ledgers.list("", {10, {}}).value().items.empty());
}

TEST(Migrations, receipts_outlive_the_table_they_lay_in) {
    TemporaryDirectory directory;
    const auto file = directory.path() / "latchkey.db";
    {
        auto old = SqliteDatabase::open(file).value();
        std::string earlier;
        for (std::size_t i = 0; i < 4; ++i) earlier += migrations()[i];
        ASSERT_TRUE(old->execute(
            earlier +
            "PRAGMA application_id = 0x4c4b4b53; PRAGMA user_version = 4;"
            "INSERT INTO products VALUES (1, 'p', 'P', '', NULL, 1, '[]', '[]', 1, 2, 0, 1, 1, 30,"
            " 30, 3, 26);"
            "INSERT INTO organizations VALUES (1, 'o', 'O', 1);"
            "INSERT INTO entitlements VALUES (1, 'e', 'p', 'ai-cloud', 'o', 1, 3, NULL, '', 1);"
            "INSERT INTO product_keys VALUES (1, 'k', 'e', zeroblob(32), 'ABCDE', 3, 1, 0, 1);"
            "INSERT INTO machines VALUES (1, 'm', 'k', 'active', '{}', '{}', 1, 'linux', '', '',"
            " 1, 1, NULL);"
            "INSERT INTO receipts VALUES (7, 'r', 'activation', 'm', 'k', 'l', 'd', 1, 0, 'none',"
            " 'different', 5, 'j');"));
    }
    const auto store = open_sqlite_store(file, kOwner, Start::later).value();
    const auto transaction = store->begin(Store::Access::write).value();
    auto& decisions = transaction->stores().decisions;
    const auto receipts = decisions.receipts("m", {10, {}}).value().items;
    ASSERT_EQ(receipts.size(), 1u);
    EXPECT_EQ(receipts[0].id, "r");
    EXPECT_EQ(receipts[0].key, "k");
    EXPECT_EQ(receipts[0].jws, "j");
    EXPECT_TRUE(receipts[0].token.empty());
    EXPECT_EQ(decisions.tally("m", ServerTime{Duration{5}}).value().counted, 1);
}

TEST(Migrations, an_activation_on_its_way_back_survives_the_second_one) {
    TemporaryDirectory directory;
    const auto file = directory.path() / "latchkey.db";
    {
        auto old = SqliteDatabase::open(file).value();
        ASSERT_TRUE(old->execute(
            std::string(migrations()[0]) +
            "PRAGMA application_id = 0x4c4b4b53; PRAGMA user_version = 1;"
            "INSERT INTO products VALUES (1, 'p', 'P', '', NULL, 1, '[]', '[]', 1, 2, 0, 1);"
            "INSERT INTO organizations VALUES (1, 'o', 'O', 1);"
            "INSERT INTO entitlements VALUES (1, 'e', 'p', 'ai-cloud', 'o', 1, 3, NULL, '', 1);"
            "INSERT INTO product_keys VALUES (1, 'k', 'e', zeroblob(32), 'ABCDE', 3, 1, 0, 1);"
            "INSERT INTO machines VALUES (1, 'm', 'k', 'released', '{}', '{}', 1, 'linux', '', '',"
            " 1, 1, NULL, 500);"));
    }
    const auto store = open_sqlite_store(file, kOwner, Start::later).value();
    const auto transaction = store->begin(Store::Access::write).value();
    auto& machines = transaction->stores().machines;
    EXPECT_EQ(machines.take_returns("k", ServerTime{Duration{499}}).value(), 0);
    EXPECT_EQ(machines.take_returns("k", ServerTime{Duration{500}}).value(), 1);
    EXPECT_EQ(machines.take_returns("k", ServerTime{Duration{500}}).value(), 0);
}

}  // namespace
}  // namespace latchkey::keyserver
