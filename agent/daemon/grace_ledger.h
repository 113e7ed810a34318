#pragma once

// Asks the key server what its ledger knows of this hardware's grace, and puts the answer into the
// row. Spends nothing, so nothing of it has to be durable before it is sent. At most one question a
// row at a time. docs/lifecycle.md, Grace by hardware.

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <set>
#include <string>

#include "agent/daemon/desk.h"

namespace latchkey::daemon {

class GraceLedger {
public:
    /// `desk` outlives it.
    explicit GraceLedger(Desk& desk) : desk_(desk) {}
    GraceLedger(const GraceLedger&) = delete;
    GraceLedger& operator=(const GraceLedger&) = delete;

    /// Starts a question; nothing, while one of this row is under way.
    void ask(const RowKey& row);

private:
    boost::asio::awaitable<void> journey(RowKey row);
    /// The manifest, where the row has a grace to report now.
    std::optional<licensing::Manifest> wanted(const RowKey& row) const;
    boost::asio::awaitable<core::Event> question(licensing::Manifest manifest,
                                                 core::LedgerReport asked,
                                                 net::CallResult<void> clock);
    /// Has the key server sign the time, where none did in this boot.
    boost::asio::awaitable<net::CallResult<void>> set_clock(const licensing::Manifest& manifest);
    boost::asio::awaitable<net::CallResult<licensing::LedgerReply>> call(
        const licensing::Manifest& manifest, const core::LedgerReport& asked);

    Desk& desk_;
    std::set<RowKey> under_way_;
};

}  // namespace latchkey::daemon
