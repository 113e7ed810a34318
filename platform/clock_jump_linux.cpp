#include "platform/clock_jump.h"

#include <sys/timerfd.h>
#include <time.h>

#include <cerrno>
#include <cstdint>
#include <limits>

namespace latchkey::platform {
namespace {

/// A timer of the calendar clock that never expires and is cancelled whenever that clock is set.
bool arm(int fd) {
    itimerspec never{};
    never.it_value.tv_sec = std::numeric_limits<std::int32_t>::max();
    never.it_value.tv_sec *= 4;  // the year 2242
    return ::timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, nullptr) == 0;
}

}  // namespace

UniqueFd open_clock_jumps() {
    UniqueFd fd(::timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK));
    if (fd && !arm(fd.get())) fd.reset();
    return fd;
}

JumpHeard acknowledge_clock_jump(int fd) {
    std::uint64_t expirations = 0;
    const bool jumped =
        ::read(fd, &expirations, sizeof expirations) < 0 ? errno == ECANCELED : expirations > 0;
    if (!jumped) return JumpHeard::no;
    return arm(fd) ? JumpHeard::yes : JumpHeard::no_more;
}

}  // namespace latchkey::platform
