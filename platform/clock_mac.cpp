#include <mach/mach_time.h>
#include <sys/sysctl.h>
#include <time.h>

#include <array>

#include "base/encoding.h"
#include "platform/clock.h"
#include "platform/clock_ticks.h"
#include "platform/random.h"

namespace latchkey::platform {
namespace {

WallTime calendar() {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    return WallTime{std::chrono::duration_cast<Duration>(seconds(now.tv_sec) +
                                                         std::chrono::nanoseconds(now.tv_nsec))};
}

/// Goes on in sleep; mach_absolute_time, and all that counts by it, does not. In the processor's
/// ticks, of which a nanosecond has numer/denom: 1/1 on Intel, 125/3 on Apple's own.
std::uint64_t continuous_nanoseconds() {
    static const mach_timebase_info_data_t ratio = [] {
        mach_timebase_info_data_t found{};
        ::mach_timebase_info(&found);
        return found;
    }();
    const unsigned __int128 ticks = ::mach_continuous_time();
    return static_cast<std::uint64_t>(ticks * ratio.numer / ratio.denom);
}

/// A name nobody else will ever have, where the kernel gives the boot none, keeps two boots from
/// being taken for one.
std::string invented_boot_id() {
    std::array<std::uint8_t, 16> bytes{};
    fill_random(bytes);
    return "process-" + hex(bytes);
}

std::string read_boot_id() {
    std::array<char, 64> text{};
    std::size_t size = text.size() - 1;
    if (::sysctlbyname("kern.bootsessionuuid", text.data(), &size, nullptr, 0) != 0 ||
        text[0] == '\0')
        return invented_boot_id();
    return text.data();
}

class MacClock final : public Clock {
public:
    ClockReading now() const override { return {calendar(), ticks_since_boot(), boot_id_}; }

private:
    const std::string boot_id_ = read_boot_id();  // a process does not outlive its boot
};

}  // namespace

std::unique_ptr<Clock> system_clock() { return std::make_unique<MacClock>(); }

WallTime calendar_time() { return calendar(); }

SinceBoot ticks_since_boot() {
    return SinceBoot{
        std::chrono::duration_cast<Duration>(std::chrono::nanoseconds(continuous_nanoseconds()))};
}

std::uint64_t monotonic_microseconds() { return continuous_nanoseconds() / 1'000u; }

}  // namespace latchkey::platform
