// What only a database with other writers beside us can do: race, go away, come back.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "keyserver/store/move_store.h"
#include "keyserver/store/postgres.h"
#include "keyserver/store/postgres_store.h"
#include "keyserver/store/sqlite_store.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/postgres_cluster.h"
#include "tests/unit/keyserver/last_activation.h"
#include "tests/unit/keyserver/temporary_directory.h"

namespace latchkey::keyserver {
namespace {

constexpr ServerTime kNow{Duration{1'790'000'000'000}};
const StoreOwner kOwner{"acme", "pepper"};

class Postgres : public ::testing::Test {
protected:
    std::unique_ptr<Store> open(Start start = Start::later) {
        return open_postgres_store(url, kOwner, start, clock).value();
    }

    fakes::PostgresCluster& cluster = fakes::PostgresCluster::shared();
    PostgresUrl url = parse_postgres_url(cluster.new_database()).value();
    fakes::FakeClock clock;
};

TEST_F(Postgres, gives_the_last_activation_of_a_key_once_however_many_servers_ask) {
    constexpr int kServers = 3;
    constexpr int kThreadsEach = 4;
    constexpr std::int64_t kLimit = 200;
    const auto first = open(Start::first);
    sell(*first, kLimit);
    std::vector<std::unique_ptr<Store>> servers;
    std::vector<Store*> racing;
    for (int i = 0; i < kServers; ++i) racing.push_back(servers.emplace_back(open()).get());
    race_for_the_last(racing, kThreadsEach, kLimit);
}

TEST_F(Postgres, servers_that_start_at_once_make_the_schema_once) {
    std::atomic<int> opened{0};
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 6; ++i)
            threads.emplace_back([&] {
                if (open_postgres_store(url, kOwner, Start::first, clock)) ++opened;
            });
    }
    EXPECT_EQ(opened, 6);
}

TEST_F(Postgres, a_connection_that_was_cut_is_replaced_and_nobody_notices) {
    const auto store = open(Start::first);
    sell(*store, 3);
    cluster.sql(url.text,
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()");
    EXPECT_EQ(used(*store), 0);
    EXPECT_TRUE(use_one(*store).value());
}

TEST_F(Postgres, that_takes_a_command_and_says_nothing_is_given_up) {
    const auto store = open(Start::first);
    const auto db = PostgresDatabase::open(url).value();
    db->answer_within(Duration{50});
    const auto silent = db->execute("SELECT pg_sleep(10)");
    ASSERT_FALSE(silent);
    EXPECT_EQ(silent.error().code, Code::database_unavailable);
    EXPECT_NE(silent.error().detail.find("does not answer"), std::string::npos);
    EXPECT_TRUE(db->lost()) << "and nobody takes the late answer for another one's";
    EXPECT_FALSE(db->execute("SELECT 1"));
}

TEST_F(Postgres, cut_in_the_middle_of_a_transaction_nothing_of_it_is_kept) {
    const auto store = open(Start::first);
    sell(*store, 3);
    auto transaction = store->begin(Store::Access::write).value();
    ASSERT_TRUE(transaction->stores().keys.set_used("key_1", 2));
    cluster.sql(url.text,
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()");
    const auto committed = transaction->commit();
    ASSERT_FALSE(committed);
    EXPECT_EQ(committed.error().code, Code::database_unavailable);
    transaction.reset();
    EXPECT_EQ(used(*store), 0);
}

TEST_F(Postgres, that_crashes_is_waited_for_and_keeps_what_was_acknowledged) {
    const auto store = open(Start::first);
    sell(*store, 3);
    ASSERT_TRUE(use_one(*store).value());
    cluster.stop("immediate");
    for (int i = 0; i < 3; ++i) {
        const auto failed = use_one(*store);
        ASSERT_FALSE(failed);
        EXPECT_EQ(failed.error().code, Code::database_unavailable);
        EXPECT_EQ(failed.error().remedy.find("by itself"), std::string::npos)
            << "a start that fails does not try again";
    }
    cluster.start();
    EXPECT_FALSE(use_one(*store)) << "asked again too soon after a failure";
    clock += minutes{1};
    EXPECT_TRUE(use_one(*store).value());
    EXPECT_EQ(used(*store), 2);
}

TEST_F(Postgres, a_password_in_a_url_is_never_shown) {
    const auto secret = parse_postgres_url("postgresql://me:hush@db.example/records").value();
    EXPECT_TRUE(secret.has_password);
    EXPECT_EQ(secret.shown, "postgresql://me@db.example/records");
    for (const char* bad : {"mysql://me:hush@x/y", "postgresql://me:hush@[", "records"}) {
        const auto refused = parse_postgres_url(bad);
        ASSERT_FALSE(refused) << bad;
        EXPECT_EQ(refused.error().detail.find("hush"), std::string::npos);
    }
    const auto nowhere =
        open_postgres_store(parse_postgres_url("postgresql://me:hush@/x?host=/nowhere").value(),
                            kOwner, Start::first, clock);
    ASSERT_FALSE(nowhere);
    EXPECT_EQ(nowhere.error().detail.find("hush"), std::string::npos) << nowhere.error().detail;
}

class Moved : public Postgres {
protected:
    Moved() {
        const auto store = open_sqlite_store(file, kOwner, Start::first).value();
        sell(*store, 3);
        const auto transaction = store->begin(Store::Access::write).value();
        auto& stores = transaction->stores();
        hwid::Evidence evidence{hwid::Kind::board_serial};
        evidence.digest.fill(5);
        MachineRecord machine;
        machine.id = "mch_1";
        machine.key = "key_1";
        machine.counting_baseline = machine.matching_baseline = {"salt", {evidence}};
        machine.platform = "linux";
        machine.claimed_location = "Zürich ' \" \\ ✓";
        const std::vector<hwid::Digest> digests{evidence.digest};
        EXPECT_TRUE(stores.machines.save(machine, digests));
        EXPECT_TRUE(stores.keys.set_used("key_1", 1));
        EXPECT_TRUE(stores.entitlements.set_cap({"editor", "competency", "DE", 9}));
        EXPECT_TRUE(transaction->commit());
    }
    auto move() {
        return move_to_postgres(file, url, kOwner, [](const MovedTable&) {});
    }

    TemporaryDirectory directory;
    std::filesystem::path file = directory.path() / "latchkey.db";
};

TEST_F(Moved, everything_is_there_and_goes_on) {
    const auto moved = move();
    ASSERT_TRUE(moved) << moved.error().detail;
    const auto store = open();
    const auto transaction = store->begin(Store::Access::write).value();
    auto& stores = transaction->stores();
    EXPECT_EQ(stores.keys.find_by_digest(digest_of_key()).value()->used, 1);
    const auto machine = stores.machines.find("mch_1").value();
    ASSERT_TRUE(machine);
    EXPECT_EQ(machine->claimed_location, "Zürich ' \" \\ ✓");
    EXPECT_EQ(stores.machines.showing("key_1", machine->matching_baseline.evidence[0].digest, 9)
                  .value()
                  .size(),
              1u);
    EXPECT_EQ(stores.entitlements.caps("editor", "competency").value().size(), 1u);
    EXPECT_TRUE(stores.organizations.add({"next", "Next", kNow})) << "numbers go on";
    EXPECT_TRUE(transaction->commit());
}

TEST_F(Moved, the_old_file_is_kept_and_served_by_nobody) {
    ASSERT_TRUE(move());
    const auto refused = open_sqlite_store(file, kOwner, Start::later);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::config_invalid);
    EXPECT_NE(refused.error().detail.find(url.shown), std::string::npos);
    EXPECT_NE(refused.error().remedy.find("--database"), std::string::npos);
}

TEST_F(Moved, nothing_is_moved_where_anything_is) {
    open(Start::first);
    const auto refused = move();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::already_exists);
    EXPECT_TRUE(open_sqlite_store(file, kOwner, Start::later)) << "and the old one is served on";
}

TEST_F(Moved, what_fails_half_way_leaves_both_as_they_were) {
    cluster.sql(url.text, "ALTER DATABASE " +
                              url.text.substr(url.text.find("@/") + 2,
                                              url.text.find("?") - url.text.find("@/") - 2) +
                              " SET default_transaction_read_only = on");
    EXPECT_FALSE(move());
    EXPECT_TRUE(open_sqlite_store(file, kOwner, Start::later));
}

}  // namespace
}  // namespace latchkey::keyserver
