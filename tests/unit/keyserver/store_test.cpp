// One suite for every database that a key server may keep its records in.

#include "tests/unit/keyserver/store_fixture.h"

namespace latchkey::keyserver {
namespace {

TEST_P(StoreTest, what_was_committed_is_there_after_reopening) {
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

TEST_P(StoreTest, what_was_not_committed_never_happened) {
    add_catalog(write());
    transaction_.reset();
    EXPECT_FALSE(write().products.find("editor").value());
}

TEST_P(StoreTest, the_same_id_twice_is_refused) {
    Stores& stores = write();
    ASSERT_TRUE(stores.organizations.add({"acme", "Acme", kNow}));
    const auto again = stores.organizations.add({"acme", "Other", kNow});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, Code::already_exists);
    EXPECT_TRUE(stores.organizations.add({"other", "Other", kNow})) << "the transaction goes on";
    commit();
    EXPECT_EQ(write().organizations.find("acme").value()->name, "Acme");
}

TEST_P(StoreTest, after_a_failure_nothing_of_the_transaction_can_be_kept) {
    Stores& stores = write();
    ASSERT_TRUE(stores.organizations.add({"acme", "Acme", kNow}));
    ASSERT_FALSE(stores.keys.set_used("nobody", 1) &&
                 stores.entitlements.add({"ent_1", "nothing", "", "acme", 1, 1, {}, "", kNow}));
    transaction_.reset();
    EXPECT_FALSE(write().organizations.find("acme").value());
}

TEST_P(StoreTest, an_entitlement_without_its_product_is_refused) {
    Stores& stores = write();
    EXPECT_FALSE(
        stores.entitlements.add({"ent_1", "nothing", "competency", "acme", 1, 1, {}, "", kNow}));
}

TEST_P(StoreTest, a_key_can_never_be_overspent) {
    add_catalog(write());
    ASSERT_TRUE(transaction_->stores().keys.set_used("key_1", 3));
    commit();
    EXPECT_FALSE(write().keys.set_used("key_1", 4));
    EXPECT_EQ(write().keys.find("key_1").value()->used, 3);
}

TEST_P(StoreTest, a_machine_is_found_by_either_baseline) {
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

TEST_P(StoreTest, one_device_and_idempotency_key_hold_one_answer_for_ever) {
    Stores& stores = write();
    const Remembered answer{"device", "idem", {}, 201, R"({"license":"x"})", kNow};
    ASSERT_TRUE(stores.decisions.remember(answer));
    EXPECT_EQ(stores.decisions.recall("device", "idem").value()->body, answer.body);
    EXPECT_FALSE(stores.decisions.recall("other", "idem").value());
    EXPECT_EQ(stores.decisions.remember(answer).error().code, Code::already_exists);
}

TEST_P(StoreTest, old_answers_lose_their_bodies_oldest_first_and_nothing_else) {
    Stores& stores = write();
    for (int day = 0; day < 5; ++day)
        ASSERT_TRUE(stores.decisions.remember(
            {"device", "idem" + std::to_string(day), {}, 201, "{}", kNow + Days{day}}));
    ASSERT_TRUE(stores.decisions.empty_bodies(kNow + Days{4}, 3));
    const auto body = [&](int day) {
        return stores.decisions.recall("device", "idem" + std::to_string(day)).value()->body;
    };
    EXPECT_EQ(body(0) + body(1) + body(2), "");
    EXPECT_EQ(body(3), "{}") << "three at a time";
    ASSERT_TRUE(stores.decisions.empty_bodies(kNow + Days{4}, 3));
    EXPECT_EQ(body(3), "");
    EXPECT_EQ(body(4), "{}") << "it is not older than that";
    EXPECT_EQ(stores.decisions.recall("device", "idem0").value()->status, 201);
}

TEST_P(StoreTest, the_zero_count_ledger_counts_only_what_rests_on_digests) {
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

TEST_P(StoreTest, a_receipt_is_found_by_its_id_and_there_is_one_of_it) {
    Stores& stores = write();
    add_catalog(stores);
    ASSERT_TRUE(stores.machines.save(machine("mch_1"), {}));
    const ReceiptRecord receipt{"rcp_1", "returned", "mch_1", "key_1", "lic_1", "device",
                                0,       false,      "none",  "same",  kNow,    "jws"};
    ASSERT_TRUE(stores.decisions.add_receipt(receipt));
    EXPECT_EQ(stores.decisions.add_receipt(receipt).error().code, Code::already_exists);
    ASSERT_TRUE(stores.decisions.receipt("rcp_1").value()) << "the transaction goes on";
    commit();
    const auto found = write().decisions.receipt("rcp_1").value();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->kind, "returned");
    EXPECT_EQ(found->machine, "mch_1");
    EXPECT_EQ(found->at, kNow);
    EXPECT_EQ(found->jws, "jws");
    EXPECT_FALSE(transaction_->stores().decisions.receipt("rcp_2").value());
}

TEST_P(StoreTest, a_ledger_is_found_by_what_it_shows_and_by_whom_it_knows) {
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

TEST_P(StoreTest, of_many_leases_the_newest_are_read) {
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

TEST_P(StoreTest, lists_come_in_pieces_that_join) {
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

TEST_P(StoreTest, text_comes_back_to_the_byte) {
    Stores& stores = write();
    const std::string odd = "Größe 'q' \"d\" \\ ?1 $1 %s\t\xe2\x82\xac";
    ASSERT_TRUE(stores.organizations.add({"acme", odd, kNow}));
    commit();
    EXPECT_EQ(write().organizations.find("acme").value()->name, odd);
}

TEST_P(StoreTest, an_activation_that_is_due_is_given_back_once) {
    Stores& stores = write();
    add_catalog(stores);
    ASSERT_TRUE(stores.machines.save(machine("mch_1"), {}));
    ASSERT_TRUE(stores.machines.owe_return(machine("mch_1"), kNow + Days{1}));
    ASSERT_TRUE(stores.machines.owe_return(machine("mch_1"), kNow + Days{2}));
    EXPECT_EQ(stores.machines.find("mch_1").value()->return_due, kNow + Days{1});
    EXPECT_EQ(stores.machines.take_returns("key_1", kNow).value(), 0);
    EXPECT_EQ(stores.machines.take_returns("key_1", kNow + Days{3}).value(), 2);
    EXPECT_EQ(stores.machines.take_returns("key_1", kNow + Days{3}).value(), 0);
    EXPECT_FALSE(stores.machines.find("mch_1").value()->return_due);
}

TEST_P(StoreTest, machines_are_listed_by_what_is_asked) {
    Stores& stores = write();
    add_catalog(stores);
    MachineRecord old = machine("mch_old");
    old.last_seen_at = kNow - Days{10};
    old.state = MachineState::released;
    ASSERT_TRUE(stores.machines.save(old, {}));
    ASSERT_TRUE(stores.machines.save(machine("mch_new"), {}));
    const auto ids = [&](const MachineFilter& filter) {
        std::string all;
        const auto listed = stores.machines.list(filter, {10, {}});
        if (!listed) return listed.error().detail;
        for (const auto& each : listed->items) all += each.id + " ";
        return all;
    };
    EXPECT_EQ(ids({}), "mch_old mch_new ");
    EXPECT_EQ(ids({"key_1", {}, {}}), "mch_old mch_new ");
    EXPECT_EQ(ids({"key_2", {}, {}}), "");
    EXPECT_EQ(ids({{}, MachineState::active, {}}), "mch_new ");
    EXPECT_EQ(ids({{}, {}, kNow - Days{1}}), "mch_old ");
    EXPECT_EQ(ids({"key_1", MachineState::active, kNow - Days{1}}), "");
}

TEST_P(StoreTest, holders_licenses_and_previews_are_found_by_whose_they_are) {
    Stores& stores = write();
    add_catalog(stores);
    ASSERT_TRUE(stores.machines.save(machine("mch_1"), {}));
    ASSERT_TRUE(stores.holders.seen("mch_1", "device", kNow));
    ASSERT_TRUE(stores.holders.seen("mch_1", "device", kNow + Days{1}));
    ASSERT_EQ(stores.holders.of("mch_1").value().size(), 1u);
    EXPECT_EQ(stores.holders.of("mch_1").value()[0].first_seen_at, kNow);
    EXPECT_EQ(stores.holders.of("mch_1").value()[0].last_seen_at, kNow + Days{1});
    EXPECT_EQ(stores.holders.machines_of("key_1", "device").value(),
              std::vector<std::string>{"mch_1"});
    EXPECT_TRUE(stores.holders.machines_of("key_2", "device").value().empty());

    LicenseRecord license{"lic_1", "mch_1", "key_1", "device", false, 1, kNow, kNow + Days{5}};
    ASSERT_TRUE(stores.licenses.save(license));
    EXPECT_EQ(stores.licenses.of("mch_1").value().at(0).expires_at, kNow + Days{5});
    license.expires_at.reset();
    ASSERT_TRUE(stores.licenses.save(license));
    EXPECT_FALSE(stores.licenses.find("lic_1").value()->expires_at);
    ASSERT_TRUE(stores.licenses.end_all("mch_1"));
    EXPECT_TRUE(stores.licenses.find("lic_1").value()->ended);

    ASSERT_TRUE(stores.previews.add({"key_1", "device", "same", "", 0, kNow}));
    EXPECT_EQ(stores.previews.count("key_1", "device", kNow).value(), 1);
    EXPECT_EQ(stores.previews.count("key_1", "", kNow).value(), 1);
    EXPECT_EQ(stores.previews.count("key_1", "other", kNow).value(), 0);
    EXPECT_EQ(stores.previews.count("key_1", "", kNow + Days{1}).value(), 0);
}

TEST_P(StoreTest, a_reader_disturbs_nobody) {
    add_catalog(write());
    commit();
    transaction_ = store_->begin(Store::Access::read).value();
    EXPECT_TRUE(transaction_->stores().keys.find("key_1").value());
    EXPECT_TRUE(transaction_->stores().licenses.leases("lic_1", 5).value().empty());
}

TEST_P(StoreTest, an_administrator_has_the_store_to_himself) {
    transaction_ = store_->begin(Store::Access::alone).value();
    add_catalog(transaction_->stores());
    commit();
    EXPECT_TRUE(write().products.find("editor").value());
}

// --- whose a database is

TEST_P(StoreTest, a_newer_schema_is_refused_without_harm) {
    close();
    backend_->become_newer();
    EXPECT_EQ(refusal().name(), info(Code::state_newer).name);
    EXPECT_EQ(refusal({"acme", "pepper"}, Start::first).name(), info(Code::state_newer).name);
}

TEST_P(StoreTest, what_is_something_else_is_refused_and_kept) {
    const auto other = GetParam()();
    other->become_foreign();
    const auto refused = other->open(kOwner, Start::first);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().name(), info(Code::state_corrupt).name) << refused.error().detail;
    EXPECT_TRUE(other->is_still_foreign());
}

TEST_P(StoreTest, a_database_of_another_publisher_is_refused) {
    const auto problem = refusal({"other", "pepper"});
    EXPECT_EQ(problem.code, Code::config_invalid) << problem.detail;
}

TEST_P(StoreTest, a_database_of_another_pepper_is_refused) {
    const auto problem = refusal({"acme", "other"});
    EXPECT_EQ(problem.code, Code::state_corrupt);
    EXPECT_NE(problem.detail.find("pepper.key"), std::string::npos) << problem.detail;
}

TEST_P(StoreTest, what_is_empty_later_is_never_made_a_second_time) {
    const auto other = GetParam()();
    const auto refused = other->open(kOwner, Start::later);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::state_corrupt) << refused.error().detail;
    EXPECT_FALSE(other->open(kOwner, Start::later)) << "and nothing was made in it";
}

INSTANTIATE_TEST_SUITE_P(sqlite, StoreTest, ::testing::Values(&sqlite_backend));
INSTANTIATE_TEST_SUITE_P(postgresql, StoreTest, ::testing::Values(&postgres_backend));

}  // namespace
}  // namespace latchkey::keyserver
