#include "keyserver/sqlite_store.h"

#include <gtest/gtest.h>

#include <fstream>

#include "keyserver/migrations.h"
#include "keyserver/sqlite.h"
#include "licensing/crypto.h"
#include "tests/unit/keyserver/temporary_directory.h"

namespace latchkey::keyserver {
namespace {

constexpr ServerTime kNow{Duration{1'790'000'000'000}};

const StoreOwner kOwner{"acme", "pepper"};

hwid::Fingerprint one_component(std::uint8_t byte) {
    hwid::Evidence evidence{hwid::Kind::board_serial};
    evidence.digest.fill(byte);
    return {"salt", {evidence}};
}

class SqliteStoreTest : public ::testing::Test {
protected:
    void SetUp() override { reopen(); }

    void reopen() {
        transaction_.reset();
        store_.reset();
        auto opened = open_sqlite_store(
            file(), kOwner, std::filesystem::exists(file()) ? Start::later : Start::first);
        ASSERT_TRUE(opened) << opened.error().detail;
        store_ = std::move(*opened);
    }

    std::filesystem::path file() const { return directory_.path() / "latchkey.db"; }

    Stores& write() {
        transaction_.reset();
        transaction_ = store_->begin(Store::Access::write).value();
        return transaction_->stores();
    }
    void commit() {
        ASSERT_TRUE(transaction_->commit());
        transaction_.reset();
    }

    /// A product, an organization, an entitlement and a key to hang records on.
    void add_catalog(Stores& stores) {
        Product product;
        product.id = "editor";
        product.name = "Editor";
        product.excluded_platforms = {"mac"};
        product.key_group = 7;
        product.token_group = 8;
        product.created_at = kNow;
        ASSERT_TRUE(stores.products.add(product));
        ASSERT_TRUE(stores.organizations.add({"acme", "Acme", kNow}));
        ASSERT_TRUE(stores.entitlements.add(
            {"ent_1", "editor", "competency", "acme", 10, 3, {}, "DE", kNow}));
        KeyRecord key;
        key.id = "key_1";
        key.entitlement = "ent_1";
        key.digest.fill(9);
        key.last5 = "ABCDE";
        key.limit = 3;
        key.created_at = kNow;
        ASSERT_TRUE(stores.keys.add(key));
    }

    MachineRecord machine(std::string id) {
        MachineRecord record;
        record.id = std::move(id);
        record.key = "key_1";
        record.counting_baseline = one_component(1);
        record.matching_baseline = one_component(2);
        record.platform = "linux";
        record.created_at = kNow;
        record.last_seen_at = kNow;
        return record;
    }

    TemporaryDirectory directory_;
    std::unique_ptr<Store> store_;
    std::unique_ptr<Transaction> transaction_;
};

TEST_F(SqliteStoreTest, what_was_committed_is_there_after_reopening) {
    add_catalog(write());
    commit();
    reopen();
    Stores& stores = write();
    const auto product = stores.products.find("editor").value();
    ASSERT_TRUE(product);
    EXPECT_EQ(product->name, "Editor");
    EXPECT_EQ(product->excluded_platforms, std::vector<std::string>{"mac"});
    EXPECT_TRUE(product->needs_activation);
    const auto entitlement = stores.entitlements.find("ent_1").value();
    ASSERT_TRUE(entitlement);
    EXPECT_EQ(entitlement->country, "DE");
    EXPECT_FALSE(entitlement->activate_by);
    PepperedKey digest;
    digest.fill(9);
    EXPECT_EQ(stores.keys.find_by_digest(digest).value()->id, "key_1");
}

TEST_F(SqliteStoreTest, what_was_not_committed_never_happened) {
    add_catalog(write());
    transaction_.reset();
    EXPECT_FALSE(write().products.find("editor").value());
}

TEST_F(SqliteStoreTest, the_same_id_twice_is_refused) {
    Stores& stores = write();
    ASSERT_TRUE(stores.organizations.add({"acme", "Acme", kNow}));
    const auto again = stores.organizations.add({"acme", "Other", kNow});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, Code::already_exists);
}

TEST_F(SqliteStoreTest, an_entitlement_without_its_product_is_refused) {
    Stores& stores = write();
    EXPECT_FALSE(
        stores.entitlements.add({"ent_1", "nothing", "competency", "acme", 1, 1, {}, "", kNow}));
}

TEST_F(SqliteStoreTest, a_key_can_never_be_overspent) {
    add_catalog(write());
    EXPECT_FALSE(transaction_->stores().keys.set_used("key_1", 4));
    EXPECT_TRUE(transaction_->stores().keys.set_used("key_1", 3));
}

TEST_F(SqliteStoreTest, a_machine_is_found_by_either_baseline) {
    Stores& stores = write();
    add_catalog(stores);
    const MachineRecord record = machine("mch_1");
    const std::vector<hwid::Digest> digests{record.counting_baseline.evidence[0].digest,
                                            record.matching_baseline.evidence[0].digest};
    ASSERT_TRUE(stores.machines.save(record, digests));
    for (const auto& digest : digests) {
        EXPECT_EQ(stores.machines.showing("key_1", digest, 10).value(),
                  std::vector<std::string>{"mch_1"});
        EXPECT_EQ(stores.machines.showing("", digest, 10).value(),
                  std::vector<std::string>{"mch_1"});
        EXPECT_TRUE(stores.machines.showing("key_2", digest, 10).value().empty());
    }
    const auto found = stores.machines.find("mch_1").value();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->counting_baseline.evidence[0].digest, digests[0]);
    EXPECT_EQ(found->matching_baseline.salt_id, "salt");

    ASSERT_TRUE(stores.machines.save(record, std::span(digests).first(1)));
    EXPECT_TRUE(stores.machines.showing("key_1", digests[1], 10).value().empty())
        << "the index follows the record";
}

TEST_F(SqliteStoreTest, one_device_and_idempotency_key_hold_one_answer_for_ever) {
    Stores& stores = write();
    const Remembered answer{"device", "idem", {}, 201, R"({"license":"x"})", kNow};
    ASSERT_TRUE(stores.decisions.remember(answer));
    EXPECT_EQ(stores.decisions.recall("device", "idem").value()->body, answer.body);
    EXPECT_FALSE(stores.decisions.recall("other", "idem").value());
    EXPECT_EQ(stores.decisions.remember(answer).error().code, Code::already_exists);
}

TEST_F(SqliteStoreTest, the_zero_count_ledger_counts_only_what_rests_on_digests) {
    Stores& stores = write();
    add_catalog(stores);
    ASSERT_TRUE(stores.machines.save(machine("mch_1"), {}));
    int number = 0;
    const auto add = [&](std::string kind, int counted, std::string continuity, ServerTime at) {
        ASSERT_TRUE(stores.decisions.add_receipt(
            {"rcp_" + std::to_string(++number), std::move(kind), "mch_1", "key_1", "lic_1",
             "device", counted, false, std::move(continuity), "same", at, "jws"}));
    };
    add("activation", 0, "digests", kNow);
    add("activation", 0, "digests", kNow - Days{100});
    add("activation", 0, "device_key", kNow);
    add("activation", 1, "digests", kNow);
    add("release", 0, "digests", kNow);
    const auto tally = stores.decisions.tally("mch_1", kNow - Days{90}).value();
    EXPECT_EQ(tally.zero_counts, 1);
    EXPECT_EQ(tally.counted, 1);
    EXPECT_EQ(tally.returned, 0);
    EXPECT_EQ(stores.decisions.tally("mch_2", kNow - Days{90}).value().zero_counts, 0);
}

TEST_F(SqliteStoreTest, a_ledger_is_found_by_what_it_shows_and_by_whom_it_knows) {
    Stores& stores = write();
    add_catalog(stores);
    LedgerRecord ledger;
    ledger.id = "led_1";
    ledger.product = "editor";
    ledger.matching_baseline = one_component(3);
    ledger.first_grace_at = kNow - Days{400};
    ledger.graces = {kNow - Days{2}, kNow};
    ledger.rearms_used = 2;
    ledger.forgiven_from = 0;
    ledger.period_began_at = kNow - Days{40};
    ledger.extended = ledger.fresh_allowed = true;
    ledger.grace_began_at = kNow - Days{1};
    ledger.platform = "linux";
    ledger.created_at = ledger.last_seen_at = kNow;
    const std::vector<hwid::Digest> digests{ledger.matching_baseline.evidence[0].digest};
    ASSERT_TRUE(stores.ledgers.save(ledger, digests));
    ASSERT_TRUE(stores.ledgers.seen("led_1", "device", kNow));
    EXPECT_EQ(stores.ledgers.showing("editor", digests[0], 5).value(),
              std::vector<std::string>{"led_1"});
    EXPECT_TRUE(stores.ledgers.showing("other", digests[0], 5).value().empty());
    EXPECT_EQ(stores.ledgers.of_device("editor", "device").value(),
              std::vector<std::string>{"led_1"});
    EXPECT_TRUE(stores.ledgers.of_device("editor", "stranger").value().empty());
    const auto found = stores.ledgers.find("led_1").value();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->graces, ledger.graces);
    EXPECT_EQ(found->first_grace_at, ledger.first_grace_at);
    EXPECT_EQ(found->forgiven_from, 0);
    EXPECT_EQ(found->period_began_at, ledger.period_began_at);
    EXPECT_EQ(found->grace_began_at, ledger.grace_began_at);
    EXPECT_TRUE(found->extended && found->fresh_allowed && !found->frozen);

    ledger.forgiven_from.reset();
    ledger.rearms_used = 0;
    ASSERT_TRUE(stores.ledgers.save(ledger, {}));
    EXPECT_FALSE(stores.ledgers.find("led_1").value()->forgiven_from);
    EXPECT_TRUE(stores.ledgers.showing("editor", digests[0], 5).value().empty());
    EXPECT_EQ(stores.ledgers.list("editor", {10, {}}).value().items.size(), 1u);
    EXPECT_TRUE(stores.ledgers.list("other", {10, {}}).value().items.empty());
}

TEST_F(SqliteStoreTest, of_many_leases_the_newest_are_read) {
    Stores& stores = write();
    add_catalog(stores);
    ASSERT_TRUE(stores.machines.save(machine("mch_1"), {}));
    LicenseRecord license;
    license.id = "lic_1";
    license.machine = "mch_1";
    license.key = "key_1";
    license.adopt_next = true;
    ASSERT_TRUE(stores.licenses.save(license));
    EXPECT_TRUE(stores.licenses.find("lic_1").value()->adopt_next);
    for (int i = 1; i <= 5; ++i)
        ASSERT_TRUE(stores.licenses.add_lease({"lic_1", i, i - 1, kNow, "windows", i == 4}));
    const auto leases = stores.licenses.leases("lic_1", 2).value();
    ASSERT_EQ(leases.size(), 2u);
    EXPECT_EQ(leases[0].sequence, 4);
    EXPECT_TRUE(leases[0].adopted);
    EXPECT_EQ(leases[1].sequence, 5);
    EXPECT_EQ(leases[1].platform, "windows");
}

TEST_F(SqliteStoreTest, lists_come_in_pieces_that_join) {
    Stores& stores = write();
    for (int i = 0; i < 5; ++i)
        ASSERT_TRUE(stores.organizations.add({"o" + std::to_string(i), "", kNow}));
    std::vector<std::string> ids;
    Page page{2, {}};
    do {
        const auto piece = stores.organizations.list(page).value();
        EXPECT_LE(piece.items.size(), 2u);
        for (const auto& item : piece.items) ids.push_back(item.id);
        page.after = piece.next;
    } while (!page.after.empty());
    EXPECT_EQ(ids, (std::vector<std::string>{"o0", "o1", "o2", "o3", "o4"}));
    EXPECT_EQ(stores.organizations.list({2, "nonsense"}).error().code, Code::usage);
}

TEST_F(SqliteStoreTest, a_newer_schema_is_refused_without_harm) {
    store_.reset();
    {
        auto db = Database::open(file()).value();
        ASSERT_TRUE(db->execute("PRAGMA user_version = 99"));
    }
    const auto refused = open_sqlite_store(file(), kOwner, Start::later);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::state_newer);
    auto db = Database::open(file()).value();
    EXPECT_EQ(db->read_number("PRAGMA user_version").value(), 99);
}

TEST_F(SqliteStoreTest, a_file_that_is_no_database_is_refused_and_kept) {
    store_.reset();
    const auto other = directory_.path() / "other.db";
    std::ofstream(other) << std::string(4096, 'x');
    const auto refused = open_sqlite_store(other, kOwner, Start::first);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::state_corrupt);
    EXPECT_EQ(std::filesystem::file_size(other), 4096u);
}

TEST_F(SqliteStoreTest, a_database_of_another_publisher_is_refused) {
    store_.reset();
    const auto refused = open_sqlite_store(file(), {"other", "pepper"}, Start::later);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::config_invalid);
}

TEST_F(SqliteStoreTest, a_database_of_another_pepper_is_refused) {
    store_.reset();
    const auto refused = open_sqlite_store(file(), {"acme", "other"}, Start::later);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::state_corrupt);
    EXPECT_NE(refused.error().detail.find("pepper.key"), std::string::npos);
}

TEST_F(SqliteStoreTest, a_database_from_before_the_check_takes_the_pepper_it_is_opened_with) {
    store_.reset();
    ASSERT_TRUE(
        Database::open(file()).value()->execute("DELETE FROM meta WHERE name = 'pepper_check'"));
    EXPECT_TRUE(open_sqlite_store(file(), kOwner, Start::later));
    EXPECT_FALSE(open_sqlite_store(file(), {"acme", "other"}, Start::later));
}

TEST_F(SqliteStoreTest, what_is_missing_or_empty_later_is_never_made_a_second_time) {
    store_.reset();
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

TEST(Migrations, frozen_ones_never_change) {
    // A released migration is history: a change of the schema is a new file with its own line here.
    ASSERT_EQ(migrations().size(), 5u);
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
}

TEST(Migrations, licenses_and_products_of_the_second_one_go_on) {
    TemporaryDirectory directory;
    const auto file = directory.path() / "latchkey.db";
    {
        auto old = Database::open(file).value();
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

TEST(Migrations, an_activation_on_its_way_back_survives_the_second_one) {
    TemporaryDirectory directory;
    const auto file = directory.path() / "latchkey.db";
    {
        auto old = Database::open(file).value();
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
