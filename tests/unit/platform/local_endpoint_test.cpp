// What the local endpoint does alike on every system.

#include "tests/unit/platform/local_endpoint_fixture.h"

namespace latchkey::platform {
namespace {

namespace asio = boost::asio;

TEST_F(LocalEndpoint, a_question_is_answered) {
    auto listener = listen();
    ASSERT_TRUE(listener) << listener.error().detail;
    Peer peer;
    EXPECT_EQ(ask_during("hello", echo_once(**listener, peer)), "you said: hello")
        << "what was written before closing is still read";
    EXPECT_TRUE(peer.administrator) << "the agent's own user counts as administrator";
}

TEST_F(LocalEndpoint, many_clients_come_in_one_after_the_other) {
    auto listener = listen();
    ASSERT_TRUE(listener) << listener.error().detail;
    Peer peer;
    asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> {
            for (int i = 0; i < 20; ++i) co_await echo_once(**listener, peer);
        },
        asio::detached);
    std::vector<std::string> answers;
    std::thread asking([&] {
        for (int i = 0; i < 20; ++i) answers.push_back(ask(endpoint, std::to_string(i)));
    });
    io.run();
    asking.join();
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(answers[static_cast<std::size_t>(i)], "you said: " + std::to_string(i));
}

TEST_F(LocalEndpoint, a_live_one_is_never_replaced) {
    const auto first = listen();
    ASSERT_TRUE(first) << first.error().detail;
    const auto second = listen();
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::state_locked);
    // The second one came to see whose it is, and went: the first may take that for a client.
    Peer peer;
    const auto until_asked = [&]() -> asio::awaitable<void> {
        while (peer.user_id < 0) co_await echo_once(**first, peer);
    };
    EXPECT_EQ(ask_during("still there?", until_asked()), "you said: still there?");
}

TEST_F(LocalEndpoint, a_client_that_came_and_went_does_not_end_the_listening) {
    auto listener = listen();
    ASSERT_TRUE(listener) << listener.error().detail;
    ASSERT_TRUE(connect_local(endpoint, kAmple));
    Peer peer;
    const auto until_asked = [&]() -> asio::awaitable<void> {
        while (peer.user_id < 0) co_await echo_once(**listener, peer);
    };
    EXPECT_EQ(ask_during("hello", until_asked()), "you said: hello");
}

TEST_F(LocalEndpoint, closing_ends_a_waiting_accept) {
    auto listener = listen();
    ASSERT_TRUE(listener) << listener.error().detail;
    Code code = Code::internal;
    asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> {
            const auto connection = co_await (*listener)->accept();
            if (!connection) code = connection.error().code;
        },
        asio::detached);
    io.poll();
    (*listener)->close();
    io.run();
    EXPECT_EQ(code, Code::agent_unreachable);
}

TEST_F(LocalEndpoint, a_silent_client_is_let_go_when_its_deadline_passes) {
    auto listener = listen();
    ASSERT_TRUE(listener) << listener.error().detail;
    const auto client = connect_local(endpoint, kAmple);
    ASSERT_TRUE(client) << client.error().detail;
    Result<std::size_t> got = 0;
    asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> {
            auto connection = co_await (*listener)->accept();
            std::array<std::uint8_t, 8> buffer{};
            got = co_await (*connection)->read_some(buffer, Duration(1));
        },
        asio::detached);
    io.run();
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, Code::agent_unreachable);
    std::array<std::uint8_t, 8> buffer{};
    EXPECT_EQ((*client)->read_some(buffer), std::size_t{0}) << "the connection is over";
}

TEST_F(LocalEndpoint, a_silent_agent_fails_the_client_when_its_deadline_passes) {
    const auto listener = listen();  // never accepts
    ASSERT_TRUE(listener) << listener.error().detail;
    const auto client = connect_local(endpoint, Duration(1));
    ASSERT_TRUE(client) << client.error().detail;
    std::array<std::uint8_t, 8> buffer{};
    const auto got = (*client)->read_some(buffer);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, Code::agent_unreachable);
}

}  // namespace
}  // namespace latchkey::platform
