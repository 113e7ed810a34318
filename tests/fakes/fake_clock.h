#pragma once

// A clock the test moves: `clock += 3 * day` lets real time pass (wall and boot clock alike),
// set_wall() is somebody turning the calendar, reboot() is the machine being off. Single-threaded.

#include <string>

#include "base/time.h"
#include "platform/clock.h"

namespace latchkey::fakes {

inline constexpr Days day{1};
inline constexpr hours hour{1};
inline constexpr minutes minute{1};

class FakeClock final : public platform::Clock {
public:
    /// 2026-06-01T00:00:00Z, one minute after boot.
    FakeClock() : wall_(WallTime{seconds{1'780'272'000}}) {}

    static FakeClock at(WallTime wall) {
        FakeClock clock;
        clock.set_wall(wall);
        return clock;
    }

    platform::ClockReading now() const override {
        return {wall_, since_boot_, "boot-" + std::to_string(boots_)};
    }

    FakeClock& operator+=(Duration passed) {
        wall_ += passed;
        since_boot_ += passed;
        return *this;
    }

    void set_wall(WallTime wall) { wall_ = wall; }
    void turn_wall(Duration by) { wall_ += by; }

    /// Off for so long by the calendar, then booted a minute ago.
    void reboot(Duration off = Duration{0}) {
        ++boots_;
        wall_ += off + minute;
        since_boot_ = SinceBoot{minute};
    }

    WallTime wall() const { return wall_; }
    SinceBoot since_boot() const { return since_boot_; }

private:
    WallTime wall_;
    SinceBoot since_boot_{minute};
    int boots_ = 1;
};

}  // namespace latchkey::fakes
