#pragma once

// Lets the agent's worker look at the hardware only when everybody else has come to rest, one look
// at a time. The worker is a thread of its own; without this, what happens first would depend on
// the scheduler and no seed could tell the same story twice.

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "agent/daemon/machine.h"

namespace latchkey::simulator {

class Gate final : public daemon::CaptureSource {
public:
    /// `look` is called on the worker's thread while the other one waits.
    explicit Gate(std::function<hwid::Snapshot()> look) : look_(std::move(look)) {}

    daemon::Capture take(WallTime now) override {
        std::unique_lock lock(mutex_);
        if (std::this_thread::get_id() != keeper_) {
            ++waiting_;
            bell_.notify_all();
            bell_.wait(lock, [this] { return open_ || passes_ > 0; });
            if (!open_) --passes_;
            --waiting_;
        }
        ++taken_;
        daemon::Capture capture{look_(), false};
        capture.snapshot.captured_at = now;
        return capture;
    }

    /// Lets one look happen, if one waits or comes to wait soon. False: none came.
    bool let_one_through() {
        std::unique_lock lock(mutex_);
        // By the calendar: the steady clock stands still here (frozen_clock.cpp).
        const auto soon = std::chrono::system_clock::now() + std::chrono::milliseconds{2};
        if (!bell_.wait_until(lock, soon, [this] { return waiting_ > passes_; })) return false;
        ++passes_;
        bell_.notify_all();
        return true;
    }
    /// The machine goes: whoever waits may go.
    void open_for_good() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        bell_.notify_all();
    }
    /// A new agent starts behind it.
    void close() {
        const std::lock_guard lock(mutex_);
        open_ = false;
        passes_ = 0;
    }
    int taken() {
        const std::lock_guard lock(mutex_);
        return taken_;
    }

private:
    std::function<hwid::Snapshot()> look_;
    std::thread::id keeper_ = std::this_thread::get_id();
    std::mutex mutex_;
    std::condition_variable bell_;
    int waiting_ = 0;
    int passes_ = 0;
    int taken_ = 0;
    bool open_ = false;
};

}  // namespace latchkey::simulator
