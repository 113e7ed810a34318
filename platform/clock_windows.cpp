#include <windows.h>

#include <winternl.h>

#include <array>
#include <cstdint>

#include "base/encoding.h"
#include "platform/clock.h"
#include "platform/clock_ticks.h"
#include "platform/random.h"

namespace latchkey::platform {
namespace {

using std::uint64_t;

// Windows counts in units of 100 ns, the calendar from 1601.
constexpr uint64_t kUnitsPerMillisecond = 10'000;
constexpr uint64_t kUnixEpoch = 116'444'736'000'000'000;

template <class Function>
Function system_function(const wchar_t* library, const char* name) {
    const HMODULE module = ::GetModuleHandleW(library);
    return module == nullptr ? nullptr
                             : reinterpret_cast<Function>(
                                   reinterpret_cast<void*>(::GetProcAddress(module, name)));
}

/// Interrupt time goes on in sleep and hibernation; the "unbiased" one, which does not, is not what
/// is wanted here. GetTickCount64 is the same count in steps of a tick.
uint64_t interrupt_time() {
    using Query = void(WINAPI*)(ULONGLONG*);
    static const auto query =
        system_function<Query>(L"kernelbase.dll", "QueryInterruptTimePrecise");
    if (query == nullptr) return ::GetTickCount64() * kUnitsPerMillisecond;
    ULONGLONG time = 0;
    query(&time);
    return time;
}

WallTime calendar() {
    FILETIME now{};
    ::GetSystemTimePreciseAsFileTime(&now);
    const uint64_t units = uint64_t{now.dwHighDateTime} << 32 | now.dwLowDateTime;
    return WallTime{
        Duration(static_cast<std::int64_t>((units - kUnixEpoch) / kUnitsPerMillisecond))};
}

/// What NtQuerySystemInformation says of SystemTimeOfDayInformation (class 3).
struct TimeOfDay {
    LARGE_INTEGER boot_time;  ///< moves when somebody sets the clock...
    LARGE_INTEGER current_time;
    LARGE_INTEGER time_zone_bias;
    ULONG time_zone;
    ULONG reserved;
    ULONGLONG boot_time_bias;  ///< ...and this by as much
    ULONGLONG sleep_time_bias;
};

/// The loader counts boots in the page that every process shares with the kernel
/// (KUSER_SHARED_DATA.BootId, since Windows 8).
std::uint32_t boot_number() {
    return *reinterpret_cast<const volatile std::uint32_t*>(std::uintptr_t{0x7FFE'02C4});
}

std::string number_text(uint64_t value) {
    std::array<std::uint8_t, 8> bytes{};
    for (auto& byte : bytes) {
        byte = static_cast<std::uint8_t>(value >> 56);
        value <<= 8;
    }
    return hex(bytes);
}

/// When it was booted, by the clock of that moment, and the how manieth boot it is. A name nobody
/// else will ever have where that cannot be learnt.
std::string read_boot_id() {
    using Query = LONG(WINAPI*)(int, void*, ULONG, ULONG*);
    static const auto query = system_function<Query>(L"ntdll.dll", "NtQuerySystemInformation");
    TimeOfDay found{};
    ULONG size = 0;
    if (query != nullptr && query(3, &found, sizeof found, &size) == 0 &&
        found.boot_time.QuadPart != 0)
        return number_text(static_cast<uint64_t>(found.boot_time.QuadPart) - found.boot_time_bias) +
               "-" + std::to_string(boot_number());
    std::array<std::uint8_t, 16> bytes{};
    fill_random(bytes);
    return "process-" + hex(bytes);
}

class WindowsClock final : public Clock {
public:
    ClockReading now() const override { return {calendar(), ticks_since_boot(), boot_id_}; }

private:
    const std::string boot_id_ = read_boot_id();  // a process does not outlive its boot
};

}  // namespace

std::unique_ptr<Clock> system_clock() { return std::make_unique<WindowsClock>(); }

WallTime calendar_time() { return calendar(); }

SinceBoot ticks_since_boot() {
    return SinceBoot{Duration(static_cast<std::int64_t>(interrupt_time() / kUnitsPerMillisecond))};
}

std::uint64_t monotonic_microseconds() { return interrupt_time() / 10; }

}  // namespace latchkey::platform
