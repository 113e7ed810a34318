#pragma once

// The only door to the system's clocks. Everyone else is told the time (tests/arch checks it).

#include <memory>
#include <string>

#include "base/time.h"

namespace latchkey::platform {

/// One look at all clocks, taken together.
struct ClockReading {
    WallTime wall;
    SinceBoot since_boot;  ///< counts sleep (CLOCK_BOOTTIME, QueryInterruptTimePrecise,
                           ///< mach_continuous_time)
    std::string
        boot_id;  ///< names the boot; since_boot of two readings compares only under the same one
};

/// Thread-safe. Tests and the demo agent link a fake; no option of a shipped binary replaces it.
class Clock {
public:
    virtual ~Clock() = default;
    virtual ClockReading now() const = 0;
};

std::unique_ptr<Clock> system_clock();

/// The calendar alone, for a stamp on a document; decisions take a whole reading.
WallTime calendar_time();

}  // namespace latchkey::platform
