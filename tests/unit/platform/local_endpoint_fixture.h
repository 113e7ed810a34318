#pragma once

// An endpoint of a test's own, and both ends of a talk over it.

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <string>
#include <thread>

#include "base/encoding.h"
#include "platform/endpoint/local_client.h"
#include "platform/endpoint/local_endpoint.h"
#include "tests/unit/platform/temporary_directory.h"

namespace latchkey::platform {

inline constexpr Duration kAmple = seconds(60);

inline std::string text_of(std::span<const std::uint8_t> bytes) {
    return {bytes.begin(), bytes.end()};
}

/// Answers one connection with "you said: " and what it read, and ends it.
inline boost::asio::awaitable<void> echo_once(LocalListener& listener, Peer& seen) {
    auto connection = co_await listener.accept();
    if (!connection) co_return;
    std::array<std::uint8_t, 64> buffer{};
    const auto got = co_await (*connection)->read_some(buffer, kAmple);
    if (!got || *got == 0) co_return;
    seen = (*connection)->peer();  // a pipe's client is known once something of it was read
    const std::string answer = "you said: " + text_of(std::span(buffer).first(*got));
    co_await (*connection)->write(as_bytes(answer), kAmple);
}

/// What the other end answers, or why there is no answer.
inline std::string ask(const std::filesystem::path& endpoint, std::string_view question) {
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
    Result<std::unique_ptr<LocalListener>> listen(const std::filesystem::path& path) {
        return listen_local(io.get_executor(), path, "no such group here");
    }
    Result<std::unique_ptr<LocalListener>> listen() { return listen(endpoint); }

    /// Asks on a thread of its own while `answering` runs on this one.
    std::string ask_during(std::string_view question, boost::asio::awaitable<void> answering) {
        boost::asio::co_spawn(io, std::move(answering), boost::asio::detached);
        std::string answer;
        std::thread asking([&] { answer = ask(endpoint, question); });
        io.run();
        asking.join();
        return answer;
    }

    TemporaryDirectory dir;
    boost::asio::io_context io;
    const std::filesystem::path endpoint = fakes::new_endpoint(dir / "run");
};

}  // namespace latchkey::platform
