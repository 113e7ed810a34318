// An activation given in error goes back once, whichever database keeps the records and however
// many administrators and agents are at it.

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/fakes/postgres_cluster.h"
#include "tests/unit/keyserver/test_server.h"

namespace latchkey::keyserver {
namespace {

using MakeDatabase = DatabaseChoice (*)();
DatabaseChoice sqlite() { return std::nullopt; }
DatabaseChoice postgresql() {
    return parse_postgres_url(fakes::PostgresCluster::shared().new_database()).value();
}

class ReturnStore : public ::testing::TestWithParam<MakeDatabase> {
protected:
    Result<json::bj::object> give_back(const std::string& id) {
        return server.try_admin("activation", "return", {{"id", {id}}, {"reason", {"in error"}}});
    }
    /// What is known of the machine's receipts, oldest first.
    std::vector<std::string> kinds() {
        std::vector<std::string> out;
        const auto listed = server.admin("receipt", "list", {});
        for (const auto& receipt : listed.at("receipts").as_array())
            out.emplace_back(receipt.at("kind").as_string());
        return out;
    }

    TestServer server{GetParam()()};
    std::string key = server.sell("competency", 40);
    TestDevice device{server};
};

TEST_P(ReturnStore, gives_back_one_activation_for_one_receipt) {
    ASSERT_EQ(device.activate(key, {}).status, 201);
    ASSERT_EQ(device.activate(key, {}).status, 201);
    const auto newest = device.receipt->id;
    ASSERT_EQ(server.used(), 2);
    const auto done = give_back(newest);
    ASSERT_TRUE(done) << done.error().detail;
    EXPECT_EQ(done->at("returns").as_string(), newest);
    EXPECT_EQ(server.used(), 1);
    EXPECT_EQ(give_back(newest).error().code, Code::already_exists);
    EXPECT_EQ(server.used(), 1);
    EXPECT_EQ(kinds(), (std::vector<std::string>{"activation", "activation", "returned"}));
    EXPECT_TRUE(give_back(device.license->machine)) << "the other one of this machine";
    EXPECT_FALSE(give_back(device.license->machine));
    EXPECT_EQ(server.used(), 0);
    EXPECT_EQ(device.renew({}, 1).code, "license_revoked");
}

TEST_P(ReturnStore, is_won_once_while_others_activate_and_nothing_is_lost) {
    constexpr int kAdministrators = 6;
    constexpr int kMachines = 3;
    constexpr int kActivations = 4;  // each
    ASSERT_EQ(device.activate(key, {}).status, 201);
    std::vector<HttpRequest> requests;
    for (int i = 0; i < kMachines * kActivations; ++i) {
        TestDevice other(server);
        Hardware hardware = Hardware::another();
        hardware.board += std::to_string(i);
        hardware.uuid.back() = static_cast<char>('a' + i % 6);
        hardware.disk += std::to_string(i);
        requests.push_back(other.request("POST", "/v1/activations",
                                         other.activation_message(key, hardware, 1),
                                         "idem-" + std::to_string(i)));
    }
    std::atomic<int> given_back{0}, refused{0}, activated{0};
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < kAdministrators; ++i)
            threads.emplace_back([&] {
                const auto done = give_back(device.receipt->id);
                if (done) ++given_back;
                if (!done && done.error().code == Code::already_exists) ++refused;
            });
        for (int i = 0; i < kMachines; ++i)
            threads.emplace_back([&, i] {
                for (int j = 0; j < kActivations; ++j) {
                    const auto& request = requests[static_cast<std::size_t>(i * kActivations + j)];
                    if (server.routes().answer(request).status == 201) ++activated;
                }
            });
    }
    EXPECT_EQ(given_back, 1);
    EXPECT_EQ(refused, kAdministrators - 1);
    EXPECT_EQ(activated, kMachines * kActivations);
    EXPECT_EQ(server.used(), kMachines * kActivations);
}

INSTANTIATE_TEST_SUITE_P(sqlite, ReturnStore, ::testing::Values(&sqlite));
INSTANTIATE_TEST_SUITE_P(postgresql, ReturnStore, ::testing::Values(&postgresql));

/// Only PostgreSQL has writers that do not wait for each other.
class ReturnRace : public ReturnStore {
protected:
    /// How many connections wait for a lock.
    std::string waiting() const {
        auto& cluster = fakes::PostgresCluster::shared();
        return cluster.sql(cluster.url("postgres"),
                           "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
    }
};

TEST_P(ReturnRace, waits_for_an_activation_under_way_and_then_reads_what_it_left) {
    ASSERT_EQ(device.activate(key, {}).status, 201);
    auto under_way = server.store().begin(Store::Access::write).value();
    auto& keys = under_way->stores().keys;
    const auto digest = server.room().pepper().of(licensing::ProductKey::parse(key).value());
    const auto held = keys.find_by_digest(digest).value();
    ASSERT_TRUE(held);
    ASSERT_TRUE(keys.set_used(held->id, held->used + 1));
    std::atomic<bool> done{false};
    std::jthread administrator([&] {
        EXPECT_TRUE(give_back(device.receipt->id));
        done = true;
    });
    while (!done && waiting() == "0") std::this_thread::yield();
    EXPECT_FALSE(done);
    ASSERT_TRUE(under_way->commit());
    administrator.join();
    EXPECT_EQ(server.used(), 1) << "two were used, and one came back";
}

INSTANTIATE_TEST_SUITE_P(postgresql, ReturnRace, ::testing::Values(&postgresql));

}  // namespace
}  // namespace latchkey::keyserver
