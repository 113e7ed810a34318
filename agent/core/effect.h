#pragma once

// What a step wants done once its state is committed. Effects are repeatable: after a crash the
// runner derives them again from the row (pending_effects in step.h), so losing one loses nothing.

#include <string>
#include <variant>
#include <vector>

#include "agent/core/state.h"
#include "base/time.h"

namespace latchkey::core::effect {

/// Send the row's intent to the key server.
struct SendIntent {};
/// A lease is due: take a fingerprint, make a renewal and feed RenewalDecided.
struct PrepareRenewal {};
/// The license's hardware drifted: prepare a re-activation if policy allows.
struct PrepareReactivation {};
/// The key server's grace ledger is due: take a fingerprint, ask, and feed LedgerReceived or
/// LedgerFailed.
struct AskLedger {};
/// The TPM's counter is to count that far; feed CounterRead with what it says then. Where it
/// cannot, nothing is lost: it is tried again after the next start.
struct RaiseCounter {
    int target = 0;
};
/// A stable event for the log and the product's reminder.
struct Remind {};
/// Something an admin should read in the log: state changes, refusals.
struct Report {
    std::string event;  ///< stable name: "activated", "grace_started"
    std::string detail;
    std::string code = {};  ///< the problem's (base/problem.h), where one is behind it
};
/// Keep the second copy in step (store/anchor).
struct WriteSecondCopy {};

}  // namespace latchkey::core::effect

namespace latchkey::core {

using Effect = std::variant<effect::SendIntent, effect::PrepareRenewal, effect::PrepareReactivation,
                            effect::AskLedger, effect::RaiseCounter, effect::Remind, effect::Report,
                            effect::WriteSecondCopy>;
using Effects = std::vector<Effect>;

}  // namespace latchkey::core
