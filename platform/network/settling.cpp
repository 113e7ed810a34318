#include "platform/network/settling.h"

#include <boost/asio/post.hpp>

#include <utility>

namespace latchkey::platform {

Settling::Settling(boost::asio::any_io_executor executor, std::chrono::milliseconds pause,
                   std::function<void()> settled)
    : timer_(std::move(executor)), pause_(pause), settled_(std::move(settled)) {}

void Settling::heard() {
    if (waiting_.exchange(true)) return;
    boost::asio::post(timer_.get_executor(), [self = shared_from_this()] { self->wait(); });
}

void Settling::stop() {
    stopped_ = true;
    timer_.cancel();
}

void Settling::wait() {
    if (stopped_) return;
    timer_.expires_after(pause_);
    timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
        if (error || self->stopped_) return;
        self->waiting_ = false;  // first: what is heard from here on is another change
        self->settled_();        // may end the watch
    });
}

}  // namespace latchkey::platform
