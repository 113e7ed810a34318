#include <unistd.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>

#include "platform/network/network_change.h"
#include "platform/network/network_messages_posix.h"

namespace latchkey::platform {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::chrono::seconds kQuiet{1};

/// Shared with its handlers: one may already be queued when the watch goes.
class Messages : public std::enable_shared_from_this<Messages> {
public:
    Messages(asio::any_io_executor executor, UniqueFd fd, std::function<void()> changed)
        : socket_(executor, fd.release()), pause_(executor), changed_(std::move(changed)) {}

    void wait() {
        socket_.async_wait(asio::posix::stream_descriptor::wait_read,
                           [self = shared_from_this()](error_code error) {
                               if (error || self->stopped_) return;
                               self->let_it_settle();
                           });
    }

    void stop() {
        error_code ignored;
        stopped_ = true;
        pause_.cancel();
        socket_.close(ignored);
    }

private:
    /// One change brings a dozen messages. Not listening meanwhile bounds what a router with
    /// thousands of changing routes costs us.
    void let_it_settle() {
        pause_.expires_after(kQuiet);
        pause_.async_wait([self = shared_from_this()](error_code error) {
            if (error || self->stopped_) return;
            self->drain();
            self->wait();
            self->changed_();  // may end the watch
        });
    }

    /// What the messages say does not matter; that some were lost (ENOBUFS) neither.
    void drain() {
        std::array<char, 8192> message;
        while (::read(socket_.native_handle(), message.data(), message.size()) > 0 ||
               errno == ENOBUFS || errno == EINTR)
            errno = 0;
    }

    asio::posix::stream_descriptor socket_;
    asio::steady_timer pause_;
    const std::function<void()> changed_;
    bool stopped_ = false;
};

class MessageWatch final : public NetworkWatch {
public:
    explicit MessageWatch(std::shared_ptr<Messages> messages) : messages_(std::move(messages)) {
        messages_->wait();
    }
    MessageWatch(const MessageWatch&) = delete;
    MessageWatch& operator=(const MessageWatch&) = delete;
    ~MessageWatch() override { messages_->stop(); }

private:
    std::shared_ptr<Messages> messages_;
};

}  // namespace

std::unique_ptr<NetworkWatch> watch_network(asio::any_io_executor executor,
                                            std::function<void()> changed) {
    UniqueFd fd = open_network_messages();
    if (!fd) return nullptr;
    return std::make_unique<MessageWatch>(
        std::make_shared<Messages>(std::move(executor), std::move(fd), std::move(changed)));
}

}  // namespace latchkey::platform
