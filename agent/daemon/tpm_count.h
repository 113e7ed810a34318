#pragma once

// Has a counter in the TPM's memory remember how many graces a product had on this machine
// (docs/tpm.md, The counter). Wanted by configuration alone; where it cannot be had, everything is
// as without it.

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>

#include "agent/daemon/desk.h"
#include "agent/daemon/tpm_worker.h"
#include "agent/localapi/contract.h"
#include "platform/tpm/tpm_counter.h"

namespace latchkey::daemon {

/// Where a product's counter lies: derived, for nothing else is left after a wipe.
platform::TpmCounterPlace counter_place(const std::string& publisher, const std::string& product);

class TpmCounts {
public:
    using Worker = TpmWorker<platform::TpmCounter>;

    /// No counter: this build reads no TPM. `desk` outlives it.
    TpmCounts(Desk& desk, std::shared_ptr<platform::TpmCounter> counter, Worker::Wait wait = {})
        : desk_(desk), worker_(desk.executor, "tpm counter", std::move(counter), std::move(wait)) {}

    /// Reads it for every product that needs activation; what it says goes into the rows.
    void look();
    /// Counts on, up to there.
    void raise(const RowKey& row, int target);

    bool busy() const { return worker_.busy(); }
    /// What the last of it came to; nothing where none is wanted.
    const std::optional<localapi::TpmAttempt>& last() const { return last_; }

private:
    boost::asio::awaitable<void> ask(RowKey row, int target);

    Desk& desk_;
    std::optional<localapi::TpmAttempt> last_;
    Worker worker_;
};

}  // namespace latchkey::daemon
