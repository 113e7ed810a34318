#pragma once

// A clock that starts at the real time and can be pushed, and hardware that is what a snapshot file
// says. Each start is a boot of its own.

#include <filesystem>
#include <mutex>
#include <string>

#include "agent/daemon/machine.h"
#include "base/result.h"
#include "platform/clock.h"

namespace latchkey::demo {

class DemoClock final : public platform::Clock {
public:
    DemoClock();
    platform::ClockReading now() const override;
    /// Time passes: wall and boot clock alike.
    void advance(Duration by);
    /// The calendar alone.
    void turn(Duration by);

private:
    std::unique_ptr<platform::Clock> real_;
    std::string boot_id_;
    mutable std::mutex mutex_;
    Duration passed_{0};
    Duration turned_{0};
};

class DemoCaptures final : public daemon::CaptureSource {
public:
    /// Fails with what snapshot.h or the file system says; the machine stays what it was.
    Result<void> become(const std::filesystem::path& snapshot_file);
    daemon::Capture take(WallTime now) override;

private:
    std::mutex mutex_;
    daemon::Capture capture_;
};

/// "10d", "-3h", "15m".
Result<Duration> parse_duration(std::string_view text);

}  // namespace latchkey::demo
