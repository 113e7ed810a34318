#pragma once

// Carries a row's intent to the key server and its verified answer back into the row. At most one
// journey a row at a time; what was sent stays in the row until its answer is durable, so
// nothing is lost when either side dies on the way.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "agent/daemon/answers.h"
#include "agent/daemon/desk.h"
#include "agent/daemon/tpm_proof.h"

namespace latchkey::daemon {

/// How a journey ended.
struct Delivery {
    std::optional<Problem> problem;  ///< none: the answer is in the row
    Refund refund;                   ///< of a release
};

class Courier {
public:
    /// Both outlive it.
    Courier(Desk& desk, TpmProofs& proofs) : desk_(desk), proofs_(proofs) {}
    Courier(const Courier&) = delete;
    Courier& operator=(const Courier&) = delete;

    /// Starts a journey; nothing, while one of this row is under way.
    void send(const RowKey& row);

    /// Addresses or routes changed: what is under way and fails is worth another try soon.
    void network_changed() { changed_under_way_ = under_way_; }

    /// Waits until the request of that idempotency key was answered, failed, or is no longer
    /// wanted.
    boost::asio::awaitable<Delivery> finished(RowKey row, std::string idempotency_key);

private:
    struct Waiting {
        RowKey row;
        std::string idempotency_key;
        boost::asio::steady_timer bell;
        std::optional<Delivery> delivery;
    };

    boost::asio::awaitable<void> journey(RowKey row);
    /// Has the TPM add its proof to an activation that was never sent; what keeps it from being
    /// sent at all, where something does.
    boost::asio::awaitable<std::optional<core::Event>> prove(const licensing::Manifest& manifest,
                                                             core::Intent& intent);
    boost::asio::awaitable<core::Event> ask(const licensing::Manifest& manifest,
                                            const core::Intent& intent, const std::string& machine,
                                            Refund& refund);
    void tell(const RowKey& row, const std::string& idempotency_key, const Delivery& delivery);
    bool still_wanted(const Waiting& waiting) const;

    Desk& desk_;
    TpmProofs& proofs_;
    std::set<RowKey> under_way_;
    std::set<RowKey> changed_under_way_;  ///< the network, while their request was
    std::list<std::shared_ptr<Waiting>> waiting_;
};

}  // namespace latchkey::daemon
