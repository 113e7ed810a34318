#pragma once

// The grace ledger: what a product's grace has cost on one hardware, whoever installs it there
// again. Pure: facts in, ledger out (docs/keyserver.md, Ledger). Elapsed times are compared, never
// two machines' clocks.

#include <optional>
#include <string>
#include <vector>

#include "hwid/match.h"
#include "keyserver/policy.h"
#include "keyserver/store/ledger_store.h"
#include "licensing/messages.h"

namespace latchkey::keyserver {

/// One ledger of the product, compared with the machine that asks.
struct LedgerCandidate {
    ServerTime created_at;
    hwid::MatchResult match;    ///< against its baseline
    bool known_device = false;  ///< the asking device key has spoken for it
};

/// Which of them this hardware is: of several `same` the highest score, then the newest; none: a
/// new one. Fails with Code::evidence_insufficient where that cannot be told; nothing is bound
/// then.
Result<std::optional<std::size_t>> choose_ledger(const hwid::Fingerprint& seen,
                                                 const std::vector<LedgerCandidate>& candidates);

struct LedgerFacts {
    const licensing::LedgerRequest& request;
    const std::optional<LedgerRecord>& record;  ///< none: this hardware is new
    bool known_device = false;                  ///< the same installation; otherwise a reimage
    ServerTime now;
};

struct LedgerDecision {
    LedgerRecord record;  ///< from now on; id, product and baseline are the caller's
    licensing::LedgerReply reply;
};

LedgerDecision decide_ledger(const LedgerFacts& facts, const Policy& policy);

/// Initial graces that began in the year before `now`.
int graces_in_year(const LedgerRecord& record, ServerTime now, const Policy& policy);

/// A license was given or renewed: the grace stands still until an installation tells of one again.
/// False where it did already, or waits for its first use.
bool stop_grace(LedgerRecord& record, ServerTime now);

/// An administrator: no rearm was used, and the next installation gets a grace anew.
void reset_rearms(LedgerRecord& record, ServerTime now);
/// An administrator: one rearm is given back. False where none was used.
bool grant_rearm(LedgerRecord& record);

}  // namespace latchkey::keyserver
