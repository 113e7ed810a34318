#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <windows.h>

#include <gtest/gtest.h>

#include <thread>

#include "base/encoding.h"
#include "platform/endpoint/local_endpoint.h"
#include "platform/endpoint/pipe_windows.h"
#include "platform/handle_windows.h"
#include "platform/security_windows.h"
#include "tests/fakes/system.h"

namespace latchkey::platform {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;

constexpr Duration kAmple = seconds(60);

std::string text_of(std::span<const std::uint8_t> bytes) { return {bytes.begin(), bytes.end()}; }

/// Answers each connection once with "you said: " and what it read, and ends it.
asio::awaitable<void> echo_once(LocalListener& listener, Peer& seen) {
    auto connection = co_await listener.accept();
    if (!connection) co_return;
    std::array<std::uint8_t, 64> buffer{};
    const auto got = co_await (*connection)->read_some(buffer, kAmple);
    if (!got) co_return;
    seen = (*connection)->peer();
    const std::string answer = "you said: " + text_of(std::span(buffer).first(*got));
    co_await (*connection)->write(as_bytes(answer), kAmple);
}

std::string ask(const fs::path& endpoint, std::string_view question) {
    const auto client = connect_local(endpoint, kAmple);
    if (!client) return "cannot connect: " + client.error().detail;
    if (!(*client)->write(as_bytes(question))) return "cannot write";
    std::string answer;
    std::array<std::uint8_t, 16> buffer{};
    for (;;) {
        const auto got = (*client)->read_some(buffer);
        if (!got) return "cannot read: " + got.error().detail;
        if (*got == 0) return answer;
        answer += text_of(std::span(buffer).first(*got));
    }
}

class LocalEndpoint : public testing::Test {
protected:
    Result<std::unique_ptr<LocalListener>> listen(const fs::path& path) {
        return listen_local(io.get_executor(), path, "no such group here");
    }
    asio::io_context io;
    const fs::path endpoint = fakes::new_endpoint({});
};

TEST_F(LocalEndpoint, a_question_is_answered_and_the_system_says_who_asked) {
    auto listener = listen(endpoint);
    ASSERT_TRUE(listener) << listener.error().detail;
    Peer peer;
    asio::co_spawn(io, echo_once(**listener, peer), asio::detached);
    std::string answer;
    std::thread asking([&] { answer = ask(endpoint, "hello"); });
    io.run();
    asking.join();
    EXPECT_EQ(answer, "you said: hello") << "what was written before closing is still read";
    EXPECT_GE(peer.user_id, 0);
    EXPECT_EQ(peer.process_id, static_cast<std::int64_t>(::GetCurrentProcessId()));
    EXPECT_EQ(peer.user_name, own_user().text());
    EXPECT_TRUE(peer.administrator) << "the agent's own user counts as administrator";
}

TEST_F(LocalEndpoint, many_clients_come_in_one_after_the_other) {
    auto listener = listen(endpoint);
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

TEST_F(LocalEndpoint, a_live_pipe_is_never_replaced) {
    const auto first = listen(endpoint);
    ASSERT_TRUE(first) << first.error().detail;
    const auto second = listen(endpoint);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::state_locked);
    // The second one came to see whose it is, and went: the first may take that for a client.
    Peer peer;
    asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> {
            while (peer.process_id == Peer{}.process_id) co_await echo_once(**first, peer);
        },
        asio::detached);
    std::string answer;
    std::thread asking([&] { answer = ask(endpoint, "still there?"); });
    io.run();
    asking.join();
    EXPECT_EQ(answer, "you said: still there?");
}

TEST_F(LocalEndpoint, a_pipe_that_somebody_squats_on_is_not_shared_with_him) {
    const UniqueHandle squatter(::CreateNamedPipeW(endpoint.c_str(), PIPE_ACCESS_DUPLEX,
                                                   PIPE_TYPE_BYTE, PIPE_UNLIMITED_INSTANCES, 0, 0,
                                                   0, nullptr));
    ASSERT_TRUE(squatter);
    const auto listener = listen(endpoint);
    ASSERT_FALSE(listener);
    EXPECT_EQ(listener.error().code, Code::state_locked);
    const std::string self = std::to_string(::GetCurrentProcessId());
    EXPECT_NE(listener.error().detail.find("is served by process " + self + " ("),
              std::string::npos)
        << listener.error().detail;
    EXPECT_NE(listener.error().detail.find("platform_io_tests.exe"), std::string::npos)
        << listener.error().detail;
    EXPECT_NE(listener.error().remedy.find("taskkill /f /pid " + self), std::string::npos);
}

TEST_F(LocalEndpoint, the_name_is_held_between_two_clients) {
    auto listener = listen(endpoint);
    ASSERT_TRUE(listener) << listener.error().detail;
    Peer peer;
    asio::co_spawn(io, echo_once(**listener, peer), asio::detached);
    std::thread asking([&] { ask(endpoint, "hello"); });
    io.run();
    asking.join();
    EXPECT_EQ(listen(endpoint).error().code, Code::state_locked);
}

TEST_F(LocalEndpoint, a_pipe_of_a_stranger_is_not_believed) {
    // Another's pipe cannot be made here, but one that says it is: its owner is what counts.
    Descriptor descriptor("O:S-1-5-21-1-2-3-1001D:P(A;;FA;;;WD)");
    const UniqueHandle server(::CreateNamedPipeW(endpoint.c_str(), PIPE_ACCESS_DUPLEX | WRITE_OWNER,
                                                 PIPE_TYPE_BYTE, 2, 0, 0, 0,
                                                 descriptor.attributes()));
    if (!server) GTEST_SKIP() << "this user may not give things away";
    const auto client = connect_local(endpoint, kAmple);
    ASSERT_FALSE(client);
    EXPECT_EQ(client.error().code, Code::not_permitted);
}

TEST_F(LocalEndpoint, users_may_ask_and_may_not_stand_beside_the_agent) {
    Descriptor descriptor(kPipeForAll);
    const UniqueHandle event(::CreateEventW(descriptor.attributes(), TRUE, FALSE, nullptr));
    const auto rights = rights_of_handle(event.get());
    EXPECT_NE(rights.shown.find("(A;;0x12008b;;;AU)"), std::string::npos) << rights.shown;
    EXPECT_EQ(kClientAccess & FILE_CREATE_PIPE_INSTANCE, 0u);
    EXPECT_NE(rights.shown.find("(D;;FA;;;NU)"), std::string::npos) << "nobody over the network";
    EXPECT_EQ(kPipeForOwner.find("AU"), std::string_view::npos);
}

TEST_F(LocalEndpoint, closing_ends_the_pipe_and_a_waiting_accept) {
    auto listener = listen(endpoint);
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
    const auto client = connect_local(endpoint, kAmple);
    ASSERT_FALSE(client);
    EXPECT_EQ(client.error().code, Code::agent_unreachable);
}

TEST_F(LocalEndpoint, a_client_that_came_and_went_does_not_end_the_listening) {
    auto listener = listen(endpoint);
    ASSERT_TRUE(listener) << listener.error().detail;
    ASSERT_TRUE(connect_local(endpoint, kAmple));
    Peer peer;
    asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> {
            while (peer.user_id < 0) co_await echo_once(**listener, peer);
        },
        asio::detached);
    std::string answer;
    std::thread asking([&] { answer = ask(endpoint, "hello"); });
    io.run();
    asking.join();
    EXPECT_EQ(answer, "you said: hello");
}

TEST_F(LocalEndpoint, a_silent_client_is_let_go_when_its_deadline_passes) {
    auto listener = listen(endpoint);
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
    const auto listener = listen(endpoint);  // never accepts
    ASSERT_TRUE(listener) << listener.error().detail;
    const auto client = connect_local(endpoint, Duration(1));
    ASSERT_TRUE(client) << client.error().detail;
    std::array<std::uint8_t, 8> buffer{};
    const auto got = (*client)->read_some(buffer);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, Code::agent_unreachable);
}

TEST_F(LocalEndpoint, what_is_no_pipes_name_is_an_error) {
    EXPECT_EQ(connect_local(R"(C:\agent.sock)", kAmple).error().code, Code::agent_unreachable);
    EXPECT_EQ(listen(R"(C:\agent.sock)").error().code, Code::config_invalid);
}

}  // namespace
}  // namespace latchkey::platform
