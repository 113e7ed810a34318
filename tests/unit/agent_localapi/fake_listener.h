#pragma once

// A listener whose connections are two strings and a timer: what the test sends is what the server
// reads.

#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <deque>
#include <memory>
#include <string>

#include "platform/endpoint/local_endpoint.h"

namespace latchkey::localapi {

namespace fake {

/// Lets a coroutine wait until somebody calls wake(), or for so long.
class Bell {
public:
    explicit Bell(boost::asio::io_context& io) : timer_(io) {}
    /// False when the time ran out.
    boost::asio::awaitable<bool> wait(Duration longest) {
        boost::system::error_code error;
        timer_.expires_after(longest);
        co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, error));
        co_return error == boost::asio::error::operation_aborted;
    }
    void wake() { timer_.cancel(); }

private:
    boost::asio::steady_timer timer_;
};

struct Pipe {
    explicit Pipe(boost::asio::io_context& io) : bell(io) {}
    std::string to_server;
    std::string to_client;
    bool client_gone = false;
    bool server_gone = false;
    Bell bell;
};

class Connection final : public platform::LocalConnection {
public:
    Connection(std::shared_ptr<Pipe> pipe, platform::Peer peer)
        : pipe_(std::move(pipe)), peer_(std::move(peer)) {}
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() override { close(); }

    const platform::Peer& peer() const override { return peer_; }
    boost::asio::awaitable<Result<std::size_t>> read_some(std::span<std::uint8_t> into,
                                                          Duration deadline) override {
        const auto pipe = pipe_;
        while (pipe->to_server.empty() && !pipe->client_gone && !pipe->server_gone)
            if (!co_await pipe->bell.wait(deadline)) pipe->server_gone = true;
        if (pipe->server_gone) co_return fail(Code::agent_unreachable, "closed");
        const std::size_t count = std::min(into.size(), pipe->to_server.size());
        std::copy_n(pipe->to_server.begin(), count, into.begin());
        pipe->to_server.erase(0, count);
        co_return count;
    }
    boost::asio::awaitable<Result<void>> write(std::span<const std::uint8_t> bytes,
                                               Duration) override {
        if (pipe_->client_gone || pipe_->server_gone)
            co_return fail(Code::agent_unreachable, "closed");
        pipe_->to_client.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        co_return Result<void>{};
    }
    void close() override {
        pipe_->server_gone = true;
        pipe_->bell.wake();
    }

private:
    std::shared_ptr<Pipe> pipe_;
    platform::Peer peer_;
};

}  // namespace fake

/// The test's end of one connection.
class FakeClient {
public:
    explicit FakeClient(std::shared_ptr<fake::Pipe> pipe) : pipe_(std::move(pipe)) {}
    void send(std::string_view bytes) {
        pipe_->to_server += bytes;
        pipe_->bell.wake();
    }
    std::string take() { return std::exchange(pipe_->to_client, {}); }
    void hang_up() {
        pipe_->client_gone = true;
        pipe_->bell.wake();
    }
    bool closed() const { return pipe_->server_gone; }

private:
    std::shared_ptr<fake::Pipe> pipe_;
};

class FakeListener final : public platform::LocalListener {
public:
    explicit FakeListener(boost::asio::io_context& io) : io_(io), bell_(io) {}

    FakeClient connect(std::int64_t user) {
        auto pipe = std::make_shared<fake::Pipe>(io_);
        platform::Peer peer;
        peer.user_id = user;
        peer.administrator = user == 0;
        peer.administrator = user == 0;
        waiting_.push_back(std::make_unique<fake::Connection>(pipe, peer));
        bell_.wake();
        return FakeClient(pipe);
    }
    boost::asio::awaitable<Result<std::unique_ptr<platform::LocalConnection>>> accept() override {
        while (waiting_.empty() && !closed_) co_await bell_.wait(hours{1});
        if (closed_) co_return fail(Code::agent_unreachable, "closed");
        auto next = std::move(waiting_.front());
        waiting_.pop_front();
        co_return next;
    }
    void close() override {
        closed_ = true;
        bell_.wake();
    }

private:
    boost::asio::io_context& io_;
    fake::Bell bell_;
    std::deque<std::unique_ptr<platform::LocalConnection>> waiting_;
    bool closed_ = false;
};

}  // namespace latchkey::localapi
