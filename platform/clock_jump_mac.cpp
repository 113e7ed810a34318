#include <fcntl.h>
#include <mach/host_notify.h>
#include <mach/mach.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>
#include <thread>

#include "platform/clock_jump.h"

namespace latchkey::platform {
namespace {

/// The kernel says it once, by a Mach message, that the calendar clock was set, or set right after
/// sleep. Asio knows no Mach ports, and a kqueue that hears them refuses to be made non-blocking,
/// which asio demands of a descriptor. So a thread sleeps on the port and passes the word on.
class Listener {
public:
    Listener() {
        int ends[2];
        if (::pipe(ends) != 0) return;
        heard_ = UniqueFd(ends[0]);
        said_ = UniqueFd(ends[1]);
        for (const int end : ends) {
            ::fcntl(end, F_SETFD, FD_CLOEXEC);
            ::fcntl(end, F_SETFL, O_NONBLOCK);
        }
        if (::mach_port_allocate(::mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port_) !=
                KERN_SUCCESS ||
            !arm())
            return;
        try {
            std::thread([this] { listen(); }).detach();
            works_ = true;
        } catch (const std::system_error&) {
            // no thread to be had
        }
    }

    /// What becomes readable, the caller's own.
    UniqueFd open() const {
        return UniqueFd(works_ ? ::fcntl(heard_.get(), F_DUPFD_CLOEXEC, 0) : -1);
    }

private:
    bool arm() const {
        const mach_port_t host = ::mach_host_self();  // a further reference with each call
        const auto armed = ::host_request_notification(host, HOST_NOTIFY_CALENDAR_CHANGE, port_);
        ::mach_port_deallocate(::mach_task_self(), host);
        return armed == KERN_SUCCESS;
    }

    bool wait_for_message() const {
        struct {
            mach_msg_header_t header;
            std::uint8_t rest[256];
        } message{};
        mach_msg_return_t taken = MACH_RCV_INTERRUPTED;
        while (taken == MACH_RCV_INTERRUPTED)
            taken = ::mach_msg(&message.header, MACH_RCV_MSG, 0, sizeof message, port_,
                               MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL);
        if (taken == MACH_MSG_SUCCESS) ::mach_msg_destroy(&message.header);
        return taken == MACH_MSG_SUCCESS;
    }

    /// Armed before the word is passed on: whoever looks at the clock then has seen each jump that
    /// this missed between. The last word closes the pipe, which the reader takes for an error.
    void listen() {
        while (wait_for_message() && arm()) say();
        said_.reset();
    }

    /// Full: enough has been said that nobody has heard yet.
    void say() const {
        const char jumped = 1;
        while (::write(said_.get(), &jumped, 1) < 0 && errno == EINTR) {
        }
    }

    UniqueFd heard_;
    UniqueFd said_;
    mach_port_t port_ = MACH_PORT_NULL;
    bool works_ = false;
};

}  // namespace

/// A process has one listener, for good: its thread cannot be told to end.
UniqueFd open_clock_jumps() {
    static const Listener* const listener = new Listener;
    return listener->open();
}

JumpHeard acknowledge_clock_jump(int fd) {
    char words[64];
    ssize_t got = 0;
    bool jumped = false;
    while ((got = ::read(fd, words, sizeof words)) > 0 || (got < 0 && errno == EINTR))
        jumped = jumped || got > 0;
    if (got == 0) return JumpHeard::no_more;
    return jumped ? JumpHeard::yes : JumpHeard::no;
}

}  // namespace latchkey::platform
