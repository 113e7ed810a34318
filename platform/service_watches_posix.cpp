#include "platform/service_watches_posix.h"

#include <csignal>
#include <utility>

#include "platform/clock_jump.h"

namespace latchkey::platform {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

void call(const std::function<void()>& event) {
    if (event) event();
}

}  // namespace

ServiceWatches::ServiceWatches(asio::any_io_executor executor, ServiceEvents events)
    : events_(std::move(events)),
      signals_(executor, SIGTERM, SIGINT, SIGHUP),
      clock_jumps_(executor) {}

void ServiceWatches::start() {
    wait_for_signal();
    UniqueFd jumps = open_clock_jumps();
    if (!jumps) return;
    clock_jumps_.assign(jumps.release());
    wait_for_clock_jump();
}

void ServiceWatches::stop() {
    stopped_ = true;
    error_code ignored;
    signals_.cancel(ignored);
    clock_jumps_.close(ignored);
}

void ServiceWatches::wait_for_signal() {
    if (stopped_) return;
    signals_.async_wait([self = shared_from_this()](error_code error, int signal) {
        if (error || self->stopped_) return;
        call(signal == SIGHUP ? self->events_.reload : self->events_.stop);
        self->wait_for_signal();
    });
}

void ServiceWatches::wait_for_clock_jump() {
    if (stopped_) return;
    clock_jumps_.async_wait(asio::posix::stream_descriptor::wait_read,
                            [self = shared_from_this()](error_code error) {
                                if (error || self->stopped_) return;
                                if (acknowledge_clock_jump(self->clock_jumps_.native_handle()))
                                    call(self->events_.resume);
                                self->wait_for_clock_jump();
                            });
}

}  // namespace latchkey::platform
