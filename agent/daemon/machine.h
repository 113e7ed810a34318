#pragma once

// This machine as the agent sees it: a snapshot taken on a worker thread, and what follows from it.
// Raw values stay in here; others get keyed digests and facts.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/decide.h"
#include "hwid/component.h"
#include "hwid/fingerprint.h"
#include "licensing/manifest.h"
#include "platform/hardware/hardware.h"

namespace latchkey::daemon {

/// What the TPM was to the look at the machine.
struct TpmSight {
    std::string_view evidence = "absent";  ///< "read", "absent", "unreadable", "off"
    std::string reason{};                  ///< why it is unreadable
    std::string remedy{};                  ///< may be empty
};

struct Capture {
    hwid::Snapshot snapshot;
    bool ephemeral = false;  ///< a container or the like: the machine does not outlive its task
    /// What stayed hidden and why, a sentence each (hwid/unread.h), but for the TPM; no values.
    std::vector<std::string> unread = {};
    TpmSight tpm = {};
};

/// Takes captures. Blocking; called on one worker thread, one at a time. Tests and the demo agent
/// have one of their own; no option of a shipped binary replaces it.
class CaptureSource {
public:
    virtual ~CaptureSource() = default;
    virtual Capture take(WallTime now) = 0;
    /// From the next capture on; from any thread. False: the TPM is not read, and its key counts as
    /// neither there nor gone.
    virtual void use_tpm(bool) {}
    /// From any thread, for good: nobody waits for a capture any more; one under way comes to its
    /// end at once.
    virtual void abandon() {}
};

/// Captures what the operating system shows.
std::unique_ptr<CaptureSource> hardware_captures(platform::TpmReader tpm);

class Machine {
public:
    /// `source` outlives the machine, and is abandoned with it.
    Machine(boost::asio::any_io_executor executor, CaptureSource& source);
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;
    ~Machine();

    /// Called at the end of every look, before whoever wanted it goes on; may be empty.
    std::function<void()> looked;

    /// Looks at the hardware again; returns on the executor's thread.
    boost::asio::awaitable<void> look(WallTime now);

    void use_tpm(bool use) { source_.use_tpm(use); }

    bool was_seen() const { return seen_.has_value(); }
    /// Digests under the manifest's salt; empty before the first look.
    hwid::Fingerprint fingerprint(const licensing::Manifest& manifest) const;
    /// Digests under another salt than a publisher's: whose state it is. After a look.
    hwid::Fingerprint digests(const Bytes& salt) const;
    const core::MachineFacts& facts() const { return facts_; }
    /// What the last look could not read; empty before the first.
    std::vector<std::string> unread() const {
        return seen_ ? seen_->unread : std::vector<std::string>();
    }
    /// std::nullopt before the first look.
    std::optional<TpmSight> tpm() const { return seen_ ? std::optional(seen_->tpm) : std::nullopt; }
    bool is_virtual() const { return virtual_; }
    /// "tpm2" or "none".
    std::string_view anchor() const;

private:
    void understand();

    boost::asio::any_io_executor executor_;
    CaptureSource& source_;
    boost::asio::thread_pool worker_;
    std::optional<Capture> seen_;
    core::MachineFacts facts_;
    bool virtual_ = false;
};

}  // namespace latchkey::daemon
