#pragma once

// Can the key server decide now? Its store must answer, and take a write: a disk that is full or
// locked lets everything be read.

#include <mutex>
#include <optional>

#include "base/result.h"
#include "base/time.h"
#include "keyserver/store/store.h"
#include "platform/clock.h"

namespace latchkey::keyserver {

/// Thread-safe. Whoever asks while somebody is being answered is told what was true before, so that
/// a store that hangs holds up one thread.
class Readiness {
public:
    /// Reads each time; writes every kReadyInterval, and stays with a failure until then. Fails as
    /// the store does. The log is told when it changes.
    Result<void> ask(Store& store, const platform::ClockReading& now);

private:
    Result<void> find_out(Store& store, const platform::ClockReading& now);

    std::mutex mutex_;
    bool asking_ = false;
    Result<void> last_;
    std::optional<SinceBoot> written_at_;  ///< by whoever asks, as all that follows
};

}  // namespace latchkey::keyserver
