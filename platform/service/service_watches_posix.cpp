#include "platform/service/service_watches_posix.h"

#include <cerrno>
#include <csignal>
#include <string>
#include <system_error>
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
    if (!jumps) return give_up_clock_jumps(std::generic_category().message(errno));
    error_code error;
    clock_jumps_.assign(jumps.get(), error);
    if (error) return give_up_clock_jumps(error.message());
    jumps.release();
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
                                if (!self->stopped_) self->hear_clock_jump(error);
                            });
}

void ServiceWatches::hear_clock_jump(error_code error) {
    if (error) return give_up_clock_jumps(error.message());
    const JumpHeard heard = acknowledge_clock_jump(clock_jumps_.native_handle());
    if (heard != JumpHeard::no) call(events_.resume);
    if (heard == JumpHeard::no_more) return give_up_clock_jumps("the system stopped telling");
    wait_for_clock_jump();
}

void ServiceWatches::give_up_clock_jumps(const std::string& why) {
    if (events_.deaf) events_.deaf("that the clock was set or the machine woke: " + why);
}

}  // namespace latchkey::platform
