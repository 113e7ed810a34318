#include <mach/host_notify.h>
#include <mach/mach.h>
#include <sys/event.h>

#include <cstdint>

#include "platform/clock_jump.h"

namespace latchkey::platform {
namespace {

/// Where the kernel says once that the calendar clock was set, or set right after sleep. A process
/// has one, for good.
mach_port_t calendar_port() {
    static const mach_port_t port = [] {
        mach_port_t made = MACH_PORT_NULL;
        return ::mach_port_allocate(::mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &made) ==
                       KERN_SUCCESS
                   ? made
                   : mach_port_t{MACH_PORT_NULL};
    }();
    return port;
}

bool arm() {
    return ::host_request_notification(::mach_host_self(), HOST_NOTIFY_CALENDAR_CHANGE,
                                       calendar_port()) == KERN_SUCCESS;
}

/// Takes one message without waiting.
bool take_message() {
    struct {
        mach_msg_header_t header;
        std::uint8_t rest[256];
    } message{};
    if (::mach_msg(&message.header, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof message,
                   calendar_port(), 0, MACH_PORT_NULL) != MACH_MSG_SUCCESS)
        return false;
    ::mach_msg_destroy(&message.header);
    return true;
}

}  // namespace

UniqueFd open_clock_jumps() {
    if (calendar_port() == MACH_PORT_NULL) return {};
    UniqueFd queue(::kqueue());  // not inherited by children: kqueue(2)
    if (!queue) return {};
    struct kevent64_s heard {};
    EV_SET64(&heard, calendar_port(), EVFILT_MACHPORT, EV_ADD, 0, 0, 0, 0, 0);
    if (::kevent64(queue.get(), &heard, 1, nullptr, 0, 0, nullptr) != 0 || !arm()) return {};
    return queue;
}

bool acknowledge_clock_jump(int) {
    bool jumped = false;
    while (take_message()) jumped = true;
    if (jumped) arm();
    return jumped;
}

}  // namespace latchkey::platform
