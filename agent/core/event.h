#pragma once

// Everything that can happen to a product's state. One struct an event; step.h decides each in
// every state.

#include <string>
#include <variant>

#include "agent/core/state.h"
#include "base/problem.h"
#include "base/time.h"
#include "hwid/match.h"
#include "licensing/license.h"
#include "licensing/receipt.h"

namespace latchkey::core::event {

/// The agent started, or time passed: look at every deadline.
struct Tick {};

/// The product's manifest was added or changed.
struct ManifestSeen {
    bool needs_activation = true;
};
struct ManifestRemoved {};

/// A fingerprint was taken while licensed; `result` compares the matching baseline with it.
struct HardwareSeen {
    hwid::MatchResult result;
    hwid::Fingerprint fingerprint;
};

/// Somebody or the configuration wants this product activated, and decide.h allowed it.
struct ActivationDecided {
    std::string product_key;      ///< canonical text
    std::string body;             ///< the inner message
    std::string idempotency_key;  ///< fresh
    int max_count = 1;
    bool by_hand = false;
};

/// The pending activation was prepared anew, with what the TPM or the lack of one adds to it.
struct ActivationProven {
    std::string idempotency_key;  ///< of the intent it belongs to
    std::string body;             ///< the inner message in its stead
};

/// decide.h or the server said: not without an admin's word.
struct ActivationHeld {
    std::string product_key;
    Code why = Code::confirmation_required;
};

/// A lease is to be renewed now.
struct RenewalDecided {
    std::string body;
    std::string idempotency_key;
};

struct ReleaseDecided {
    std::string body;
    std::string idempotency_key;
};

/// A verified license (and receipt, when it came from an activation) answered the pending intent.
struct LicenseReceived {
    licensing::License license;
    std::string license_jws;
    std::string receipt_jws;
    std::optional<licensing::Receipt> receipt;
    hwid::Fingerprint fingerprint;  ///< what the request carried
};

/// The server verified our release.
struct ReleaseReceived {
    std::string receipt_jws;
};

/// The attempt failed. `final`: a verified refusal; otherwise it will be tried again.
struct AttemptFailed {
    Problem problem;
    bool final = false;
    std::optional<Duration> retry_after;
    bool may_have_arrived = true;  ///< false: it failed before the request itself was sent
};

/// The key server's grace ledger answered. `asked` is what the request told.
struct LedgerReceived {
    licensing::LedgerReply reply;
    LedgerReport asked;
};

/// It could not be asked (`final` false: asked again) or will not answer until something changes.
struct LedgerFailed {
    Problem problem;
    bool final = false;
    std::optional<Duration> retry_after;
    LedgerReport asked;
};

/// The counter in the TPM's memory says so; 0 where there is none.
struct CounterRead {
    int value = 0;
    bool raised = false;  ///< after it was told to count on: further it does not go
};

struct NetworkChanged {};
struct FirstUse {};
struct Rearm {};
struct Revoked {
    std::string detail;
};
struct CloneTold {};
/// The admin ended the license here without telling the server.
struct Deactivated {};

}  // namespace latchkey::core::event

namespace latchkey::core {

using Event =
    std::variant<event::Tick, event::ManifestSeen, event::ManifestRemoved, event::HardwareSeen,
                 event::ActivationDecided, event::ActivationProven, event::ActivationHeld,
                 event::RenewalDecided, event::ReleaseDecided, event::LicenseReceived,
                 event::ReleaseReceived, event::AttemptFailed, event::LedgerReceived,
                 event::LedgerFailed, event::CounterRead, event::NetworkChanged, event::FirstUse,
                 event::Rearm, event::Revoked, event::CloneTold, event::Deactivated>;

/// The event's stable name, for the journal: "license_received".
std::string_view name(const Event& event);

}  // namespace latchkey::core
