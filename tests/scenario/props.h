#pragma once

// What a stage is furnished with: hardware and a disk that do what the story says.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/daemon/machine.h"
#include "agent/store/store.h"

namespace latchkey::scenario {

/// Hardware that is what the story says.
class FakeCaptures final : public daemon::CaptureSource {
public:
    daemon::Capture take(WallTime now) override {
        ++taken;
        auto capture = next;
        capture.snapshot.captured_at = now;
        return capture;
    }
    daemon::Capture next;
    int taken = 0;  ///< to be read while nothing is under way
};

/// A disk that can fill up under the real store, or fail once.
class FullDisk final : public store::Store {
public:
    FullDisk(std::unique_ptr<store::Store> real, const bool& full, int& calls_until_failure)
        : real_(std::move(real)), full_(full), calls_until_failure_(calls_until_failure) {}
    Result<std::vector<core::ProductState>> products() override { return real_->products(); }
    Result<core::TimeLedger> time() override { return real_->time(); }
    Result<void> commit(const store::Commit& commit) override {
        if (fails()) return fail(Code::storage_failed, "no space left on device");
        return real_->commit(commit);
    }
    Result<std::optional<store::PublisherState>> publisher(const std::string& id) override {
        return real_->publisher(id);
    }
    Result<void> save_publisher(const store::PublisherState& state) override {
        if (fails()) return fail(Code::storage_failed, "no space left on device");
        return real_->save_publisher(state);
    }
    Result<std::vector<store::JournalEntry>> journal(const store::JournalFilter& filter,
                                                     std::optional<std::int64_t> before,
                                                     std::size_t limit) override {
        if (fails()) return fail(Code::storage_failed, "input/output error");
        return real_->journal(filter, before, limit);
    }

private:
    bool fails() {
        const bool now = calls_until_failure_ > 0 && --calls_until_failure_ == 0;
        return full_ || now;
    }

    std::unique_ptr<store::Store> real_;
    const bool& full_;
    int& calls_until_failure_;
};

}  // namespace latchkey::scenario
