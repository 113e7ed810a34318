#pragma once

// The grace ledger of the key server as a row knows it: when to ask, and what was last told. The
// ledger belongs to the hardware, so a reimage does not forget it (docs/lifecycle.md, Grace by
// hardware). The stricter of both counts; asking spends nothing.

#include <optional>
#include <string>

#include "base/time.h"
#include "licensing/messages.h"

namespace latchkey::core {

struct ProductState;
struct Policy;

/// What the key server last told of this hardware.
struct LedgerWord {
    ServerTime first_grace_at{};
    int graces_this_year = 1;
    int graces_allowed = 1;
    ServerTime as_of{};  ///< in trusted time

    friend bool operator==(const LedgerWord&, const LedgerWord&) = default;
};

struct Ledger {
    std::optional<ServerTime> ask_at;  ///< none: there is nothing to ask
    int retry_position = 0;            ///< on the retry ladder, kept over restarts
    std::optional<LedgerWord> told;
    std::string refused;  ///< code name of the last word against it; asked again after a change

    friend bool operator==(const Ledger&, const Ledger&) = default;
};

/// What a request tells of the grace, and what its answer is held against: a row that changed
/// meanwhile has something new to tell.
struct LedgerReport {
    int rearms_used = 0;
    licensing::GraceUse grace;
};

/// True where this row's grace is the ledger's business: an initial grace, or that of a rearm (also
/// of one that was used while a license is held), and the publisher keeps a ledger.
bool has_grace_to_report(const ProductState& state, const Policy& policy);

/// Needs has_grace_to_report().
LedgerReport ledger_report(const ProductState& state, ServerTime now);

}  // namespace latchkey::core
