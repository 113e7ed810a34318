// The agent's end against a client that writes bytes by hand, well-behaved and hostile. Everything
// runs on the calling thread over a connection pair of its own; no socket, no sleeping.

#include "agent/localapi/server.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "tests/unit/agent_localapi/fake_listener.h"

namespace latchkey::localapi {
namespace {

namespace asio = boost::asio;

/// A server over fake connections, whose handler records what it saw.
struct Stage {
    explicit Stage(ServerLimits limits = {}) {
        auto fake = std::make_unique<FakeListener>(io);
        listener = fake.get();
        server = serve(
            io.get_executor(), std::move(fake),
            [this](Request request) -> asio::awaitable<Response> {
                seen.push_back(request);
                co_return ok({{"path", request.path}});
            },
            limits);
        run();
    }
    void run() {
        io.restart();
        io.poll();
    }
    FakeClient connect(std::int64_t user = 1000) {
        auto client = listener->connect(user);
        run();
        return client;
    }
    std::string say(FakeClient& client, std::string_view bytes) {
        client.send(bytes);
        run();
        return client.take();
    }

    asio::io_context io;
    FakeListener* listener = nullptr;
    std::vector<Request> seen;
    std::unique_ptr<Server> server;
};

constexpr std::string_view kStatus = "GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n";

TEST(Server, answers_and_keeps_the_connection) {
    Stage stage;
    auto client = stage.connect();
    const auto answer = stage.say(client, kStatus);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
    EXPECT_NE(answer.find(R"({"path":"/v1/status"})"), std::string::npos);
    EXPECT_FALSE(stage.say(client, kStatus).empty());
    EXPECT_FALSE(client.closed());
    EXPECT_EQ(stage.seen.size(), 2u);
}

TEST(Server, two_requests_in_one_packet_get_two_answers) {
    Stage stage;
    auto client = stage.connect();
    stage.say(client, std::string(kStatus) + std::string(kStatus));
    EXPECT_EQ(stage.seen.size(), 2u);
}

TEST(Server, a_request_may_come_byte_by_byte) {
    Stage stage;
    auto client = stage.connect();
    const std::string request =
        "POST /v1/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\n{\"a\": 1}";
    for (const char c : request) stage.say(client, std::string(1, c));
    ASSERT_EQ(stage.seen.size(), 1u);
    EXPECT_EQ(stage.seen[0].method, "POST");
    EXPECT_EQ(stage.seen[0].body.at("a").as_int64(), 1);
}

TEST(Server, path_and_query_are_decoded) {
    Stage stage;
    auto client = stage.connect();
    stage.say(client, "GET /v1/history?product=a%20b&limit=3 HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_EQ(stage.seen.size(), 1u);
    EXPECT_EQ(stage.seen[0].path, "/v1/history");
    EXPECT_EQ(stage.seen[0].parameter("product"), "a b");
    EXPECT_EQ(stage.seen[0].parameter("limit"), "3");
    EXPECT_EQ(stage.seen[0].parameter("cursor"), "");
}

TEST(Server, the_peer_reaches_the_handler) {
    Stage stage;
    auto client = stage.connect(1234);
    stage.say(client, kStatus);
    ASSERT_EQ(stage.seen.size(), 1u);
    EXPECT_EQ(stage.seen[0].peer.user_id, 1234);
}

TEST(Server, connection_close_is_obeyed) {
    Stage stage;
    auto client = stage.connect();
    stage.say(client, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(client.closed());
}

class Hostile : public testing::TestWithParam<std::string> {};

TEST_P(Hostile, gets_a_refusal_or_a_disconnect_and_never_the_handler) {
    Stage stage;
    auto client = stage.connect();
    const auto answer = stage.say(client, GetParam());
    EXPECT_TRUE(client.closed() || answer.starts_with("HTTP/1.1 4")) << answer;
    EXPECT_TRUE(stage.seen.empty());
    auto next = stage.connect();
    EXPECT_TRUE(stage.say(next, kStatus).starts_with("HTTP/1.1 200")) << "the server lives on";
}

INSTANTIATE_TEST_SUITE_P(
    Input, Hostile,
    testing::Values("\x16\x03\x01 is TLS\r\n\r\n", "rubbish\r\n\r\n", std::string(64, '\0'),
                    "GET http://elsewhere/ HTTP/1.1\r\n\r\n",
                    "GET /a%zz HTTP/1.1\r\nHost: x\r\n\r\n",
                    "GET /a%00 HTTP/1.1\r\nHost: x\r\n\r\n",
                    "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n{\"a\": tru",
                    "POST / HTTP/1.1\r\nContent-Length: 13\r\n\r\n{\"a\":1,\"a\":2}",
                    "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                    "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
                    "POST / HTTP/1.1\r\nContent-Length: 70000\r\n\r\n",
                    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n",
                    "GET / HTTP/1.1\r\nA: " + std::string(10000, 'a') + "\r\n\r\n",
                    "GET /" + std::string(80000, 'a')));

TEST(Server, a_message_that_is_too_large_is_told_so) {
    Stage stage;
    auto client = stage.connect();
    const auto answer =
        stage.say(client, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 413")) << answer;
    EXPECT_NE(answer.find("request_too_large"), std::string::npos);
}

TEST(Server, a_slow_message_runs_into_its_deadline) {
    ServerLimits limits;
    limits.message_deadline = Duration{1};
    Stage stage(limits);
    auto client = stage.connect();
    client.send("GET /v1/st");
    stage.io.restart();
    while (!client.closed() && stage.io.run_one() > 0) {
    }
    EXPECT_TRUE(client.closed());
    EXPECT_TRUE(stage.seen.empty());
}

TEST(Server, one_user_cannot_take_every_place) {
    ServerLimits limits;
    limits.connections_per_user = 2;
    Stage stage(limits);
    auto first = stage.connect(1);
    auto second = stage.connect(1);
    auto third = stage.connect(1);
    EXPECT_TRUE(third.take().starts_with("HTTP/1.1 503"));
    EXPECT_TRUE(third.closed());
    auto other = stage.connect(2);
    EXPECT_TRUE(stage.say(other, kStatus).starts_with("HTTP/1.1 200"));
    first.hang_up();
    stage.run();
    auto again = stage.connect(1);
    EXPECT_TRUE(stage.say(again, kStatus).starts_with("HTTP/1.1 200"));
}

TEST(Server, there_is_a_cap_on_all_connections) {
    ServerLimits limits;
    limits.connections = 3;
    limits.kept_for_administrators = 0;
    Stage stage(limits);
    std::vector<FakeClient> clients;
    for (std::int64_t user = 0; user < 4; ++user) clients.push_back(stage.connect(user));
    EXPECT_TRUE(clients[3].take().starts_with("HTTP/1.1 503"));
    EXPECT_FALSE(clients[0].closed());
}

TEST(Server, other_users_together_cannot_lock_administrators_out) {
    ServerLimits limits;
    limits.connections = 3;
    limits.kept_for_administrators = 1;
    Stage stage(limits);
    std::vector<FakeClient> users;
    for (std::int64_t user = 1; user <= 3; ++user) users.push_back(stage.connect(user));
    EXPECT_TRUE(users[2].take().starts_with("HTTP/1.1 503"));
    auto root = stage.connect(0);
    EXPECT_TRUE(stage.say(root, kStatus).starts_with("HTTP/1.1 200"));
}

TEST(Server, stopping_closes_everything) {
    Stage stage;
    auto client = stage.connect();
    stage.server->stop();
    stage.run();
    EXPECT_TRUE(client.closed());
    EXPECT_TRUE(stage.listener == nullptr || stage.io.stopped());
}

}  // namespace
}  // namespace latchkey::localapi
