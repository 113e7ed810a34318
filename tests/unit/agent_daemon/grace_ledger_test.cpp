// What the daemon asks the key server's grace ledger, and what it makes of the answers.

#include "agent/daemon/grace_ledger.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/memory_store.h"
#include "tests/unit/agent_daemon/scripted_client.h"

namespace latchkey::daemon {
namespace {

namespace asio = boost::asio;
using fakes::day;
using licensing::LedgerReply;
using licensing::SigningKey;

const RowKey kSuite{"example.org", "suite"};

class GraceLedgerTest : public testing::Test {
protected:
    GraceLedgerTest() {
        manifest.publisher = kSuite.publisher;
        manifest.product = kSuite.product;
        manifest.root = root.public_key();
        manifest.salt_id = "salt-1";
        manifest.salt = Bytes(32, 7);
        desk.manifests[kSuite.product] = manifest;
        client.trusted = key_set_of(root, manifest.pinned_root());
        EXPECT_TRUE(desk.runner.load());
        EXPECT_TRUE(desk.apply(manifest, core::event::ManifestSeen{true}));
        client.server_time = as_server(clock.wall());
    }

    void answer(licensing::GraceUse grace, int rearms_used = 0) {
        LedgerReply reply;
        reply.first_grace_at = as_server(clock.wall()) - 40 * day;
        reply.grace = grace;
        reply.rearms_used = rearms_used;
        client.message = licensing::to_json(reply);
        client.failure.reset();
    }
    void refuse(Code code, bool final) {
        client.failure = net::CallFailure{{code, "no", {}}, final, {}, {}, {}, true};
    }
    void ask() {
        ledger.ask(kSuite);
        run();
    }
    /// Until nobody has anything to do but to wait for the key server.
    void run() {
        bool looked = false;
        asio::co_spawn(
            io,
            [&]() -> asio::awaitable<void> {
                for (int i = 0; i < 3; ++i) co_await desk.machine.look(clock.wall());
                looked = true;
            },
            asio::detached);
        io.restart();
        while (!looked) io.run_one();
        io.poll();
    }
    const core::ProductState& row() { return *desk.row(manifest); }
    licensing::LedgerRequest sent(std::size_t i) {
        return licensing::ledger_request_from_json(
                   json::parse_strict(client.calls.at(i).inner).value())
            .value();
    }

    asio::io_context io;
    fakes::FakeClock clock;
    fakes::MemoryStore store;
    Captures captures;
    ScriptedClient client{io.get_executor()};
    SigningKey root = SigningKey::generate();
    licensing::Manifest manifest;
    Desk desk{io.get_executor(),
              client,
              {},
              {},
              Trust(store),
              Machine(io.get_executor(), captures),
              Runner(
                  store, clock, [] { return std::uint64_t{7}; },
                  [](const RowKey&, const core::Effects&) {})};
    GraceLedger ledger{desk};
};

TEST_F(GraceLedgerTest, tells_hardware_role_rearms_and_elapsed_time_signed_by_the_device) {
    clock += 3 * day;
    client.server_time = as_server(clock.wall());
    desk.config.role = core::Role::lab;
    answer({false, false, 3 * day});
    ask();
    ASSERT_EQ(client.calls.size(), 1u);
    EXPECT_EQ(client.calls.front().method, "POST");
    EXPECT_EQ(client.calls.front().path, "/v1/rearms");
    EXPECT_FALSE(client.calls.front().idempotency_key.empty());
    EXPECT_TRUE(client.signed_by_device);
    const auto request = sent(0);
    EXPECT_EQ(request.product, "suite");
    EXPECT_EQ(request.fingerprint.salt_id, "salt-1");
    EXPECT_EQ(request.fingerprint.evidence.size(),
              desk.machine.fingerprint(manifest).evidence.size());
    EXPECT_FALSE(request.fingerprint.evidence.empty());
    EXPECT_TRUE(request.lab);
    EXPECT_EQ(request.rearms_used, 0);
    EXPECT_EQ(request.grace, (licensing::GraceUse{false, false, 3 * day}));
    EXPECT_EQ(client.calls.front().inner.find("product_key"), std::string::npos);
}

TEST_F(GraceLedgerTest, puts_the_answer_into_the_row_and_keeps_the_signed_time) {
    answer({true, false, 29 * day}, 2);
    client.server_time += fakes::hour;
    ask();
    EXPECT_EQ(row().status, core::ProductStatus::extended_grace);
    EXPECT_EQ(row().rearms_used, 2);
    EXPECT_GT(*row().ledger.ask_at, desk.runner.moment().now + 5 * day);
    EXPECT_GE(desk.runner.moment().now, client.server_time);
    EXPECT_EQ(store.products()->front().rearms_used, 2) << "durable";
    const auto newest = store.journal({"suite"}, {}, 1)->front();
    EXPECT_EQ(newest.event, "ledger_told");
    EXPECT_NE(newest.detail.find("1 day is left"), std::string::npos) << newest.detail;
}

TEST_F(GraceLedgerTest, has_the_time_signed_first_once_a_boot) {
    answer({false, false, {}});
    ask();
    ask();
    EXPECT_EQ(client.times, 1);
    EXPECT_EQ(client.calls.size(), 2u);
}

TEST_F(GraceLedgerTest, a_calendar_that_is_wrong_ahead_tells_of_no_grace_that_never_ran) {
    clock.reboot();
    clock.set_wall(clock.wall() + 40 * day);
    EXPECT_GT(desk.runner.moment().now, client.server_time + 39 * day) << "believed until then";
    answer({false, false, {}});
    ask();
    ASSERT_EQ(client.calls.size(), 1u);
    EXPECT_LT(sent(0).grace.used, fakes::hour);
    EXPECT_EQ(row().status, core::ProductStatus::initial_grace);
}

TEST_F(GraceLedgerTest, asks_nothing_where_the_grace_is_gone_when_the_clock_is_set) {
    answer({false, false, {}});
    client.on_time = [this] {
        EXPECT_TRUE(desk.apply(manifest, core::event::ManifestSeen{false}));
    };
    ask();
    EXPECT_EQ(client.times, 1);
    EXPECT_TRUE(client.calls.empty());
}

TEST_F(GraceLedgerTest, never_asks_twice_at_once) {
    ask();
    ask();
    ASSERT_EQ(client.calls.size(), 1u) << "the first has no answer yet";
    answer({false, false, day});
    client.bell.cancel();
    run();
    ask();
    EXPECT_EQ(client.calls.size(), 2u);
    EXPECT_NE(client.calls.at(0).idempotency_key, client.calls.at(1).idempotency_key);
}

TEST_F(GraceLedgerTest, takes_a_key_server_without_the_route_for_one_without_a_ledger) {
    refuse(Code::record_unknown, false);
    ask();
    EXPECT_GT(*row().ledger.ask_at, desk.runner.moment().now + 5 * day);
    EXPECT_EQ(row().ledger.refused, "record_unknown");
    EXPECT_EQ(row().status, core::ProductStatus::initial_grace);
}

TEST_F(GraceLedgerTest, takes_a_key_server_that_says_so_for_one_without_the_route) {
    refuse(Code::path_unknown, false);
    ask();
    EXPECT_GT(*row().ledger.ask_at, desk.runner.moment().now + 5 * day);
    EXPECT_EQ(row().ledger.refused, "path_unknown");
}

TEST_F(GraceLedgerTest, asks_again_later_where_the_key_server_is_away_or_speaks_oddly) {
    refuse(Code::keyserver_unreachable, false);
    ask();
    EXPECT_EQ(row().ledger.retry_position, 1);
    client.failure.reset();
    client.message = json::parse_strict("{\"grace\":1}").value();
    ask();
    EXPECT_EQ(row().ledger.retry_position, 2);
    EXPECT_TRUE(row().ledger.refused.empty());
    refuse(Code::evidence_insufficient, true);
    ask();
    EXPECT_EQ(row().ledger.refused, "evidence_insufficient");
}

TEST_F(GraceLedgerTest, asks_nothing_where_there_is_nothing_to_report_any_more) {
    ASSERT_TRUE(desk.apply(manifest, core::event::ManifestSeen{false}));
    ask();
    EXPECT_TRUE(client.calls.empty());
    EXPECT_TRUE(desk.apply(manifest, core::event::ManifestSeen{true}));
    answer({false, false, {}});
    ask();
    EXPECT_EQ(client.calls.size(), 1u) << "and is not stuck afterwards";
}

}  // namespace
}  // namespace latchkey::daemon
