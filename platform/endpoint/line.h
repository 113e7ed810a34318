#pragma once

// A connected stream with a deadline for each operation. Internal to platform/endpoint/.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "base/time.h"

namespace latchkey::platform {

/// Held by a shared pointer: an operation or a deadline's handler may end after the connection is
/// gone. Used by the thread that runs the stream's executor. `error` is the stream's own word, also
/// where the deadline has closed it (expired()).
template <class Stream>
class Line : public std::enable_shared_from_this<Line<Stream>> {
public:
    explicit Line(Stream connected)
        : stream_(std::move(connected)), timer_(stream_.get_executor()) {}

    auto native_handle() { return stream_.native_handle(); }
    bool expired() const { return expired_; }

    boost::asio::awaitable<std::size_t> read_some(std::span<std::uint8_t> into, Duration deadline,
                                                  boost::system::error_code& error) {
        const auto self = this->shared_from_this();
        start(deadline);
        const std::size_t got = co_await stream_.async_read_some(
            boost::asio::buffer(into.data(), into.size()),
            boost::asio::redirect_error(boost::asio::use_awaitable, error));
        finish();
        co_return got;
    }

    boost::asio::awaitable<void> write(std::span<const std::uint8_t> bytes, Duration deadline,
                                       boost::system::error_code& error) {
        const auto self = this->shared_from_this();
        start(deadline);
        co_await boost::asio::async_write(
            stream_, boost::asio::buffer(bytes.data(), bytes.size()),
            boost::asio::redirect_error(boost::asio::use_awaitable, error));
        finish();
    }

    /// What was written stays for the other end to read.
    void shut() {
        boost::system::error_code ignored;
        timer_.cancel();
        stream_.close(ignored);
    }

private:
    void start(Duration deadline) {
        timer_.expires_after(deadline);
        timer_.async_wait([self = this->shared_from_this(),
                           operation = ++operation_](boost::system::error_code cancelled) {
            if (cancelled || self->operation_ != operation) return;
            self->expired_ = true;
            boost::system::error_code ignored;
            self->stream_.close(ignored);
        });
    }

    void finish() {
        ++operation_;
        timer_.cancel();
    }

    Stream stream_;
    boost::asio::steady_timer timer_;
    std::uint64_t operation_ = 0;  ///< tells a late handler that its operation is over
    bool expired_ = false;
};

inline constexpr const char* kSilentTooLong = "the other end was silent for too long";

}  // namespace latchkey::platform
