#include <fcntl.h>
#include <time.h>

#include <array>

#include "base/encoding.h"
#include "platform/clock.h"
#include "platform/clock_ticks.h"
#include "platform/random.h"
#include "platform/unique_fd_posix.h"

namespace latchkey::platform {
namespace {

Duration read_clock(clockid_t id) {
    timespec now{};
    ::clock_gettime(id, &now);
    return std::chrono::duration_cast<Duration>(seconds(now.tv_sec) +
                                                std::chrono::nanoseconds(now.tv_nsec));
}

/// Where /proc hides the boot's name, a name nobody else will ever have keeps two boots from being
/// taken for one.
std::string invented_boot_id() {
    std::array<std::uint8_t, 16> bytes{};
    fill_random(bytes);
    return "process-" + hex(bytes);
}

std::string read_boot_id() {
    const UniqueFd fd(::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC));
    if (!fd) return invented_boot_id();
    std::array<char, 64> text{};
    const ssize_t got = ::read(fd.get(), text.data(), text.size());
    std::string id(text.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    while (!id.empty() && id.back() == '\n') id.pop_back();
    return id.empty() ? invented_boot_id() : id;
}

class LinuxClock final : public Clock {
public:
    ClockReading now() const override {
        return {WallTime{read_clock(CLOCK_REALTIME)}, SinceBoot{read_clock(CLOCK_BOOTTIME)},
                boot_id_};
    }

private:
    const std::string boot_id_ = read_boot_id();  // a process does not outlive its boot
};

}  // namespace

std::unique_ptr<Clock> system_clock() { return std::make_unique<LinuxClock>(); }

WallTime calendar_time() { return WallTime{read_clock(CLOCK_REALTIME)}; }

SinceBoot ticks_since_boot() { return SinceBoot{read_clock(CLOCK_BOOTTIME)}; }

std::uint64_t monotonic_microseconds() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000u +
           static_cast<std::uint64_t>(now.tv_nsec) / 1'000u;
}

}  // namespace latchkey::platform
