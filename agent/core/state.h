#pragma once

// The state of one product on one machine. A value; the store keeps one row of it, step.h is all
// that changes it. Codes and names follow SL_LICENSING_STATUS, so that an admin knows them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/ledger.h"
#include "agent/core/tpm_ledger.h"
#include "base/time.h"
#include "hwid/fingerprint.h"
#include "hwid/match.h"
#include "licensing/license.h"
#include "licensing/program.h"
#include "licensing/receipt.h"

namespace latchkey::core {

enum class ProductStatus : std::uint8_t {
    unlicensed = 0,
    licensed = 1,
    initial_grace = 2,
    out_of_tolerance_grace = 3,
    non_genuine_grace = 4,
    notification = 5,
    extended_grace = 6,
    not_required = 7,  ///< rule K7; has no SL code
};
inline constexpr std::size_t kStatusCount = 8;
std::string_view name(ProductStatus status);
std::optional<ProductStatus> status_from_name(std::string_view name);
/// The SL_LICENSING_STATUS code, none for not_required.
std::optional<int> status_code(ProductStatus status);

struct Grace {
    ServerTime started_at{};
    ServerTime ends_at{};
    bool frozen = false;  ///< after a rearm: the timer starts at first use
    Duration length{0};
    ProductStatus kind = ProductStatus::initial_grace;  ///< the status it belongs to
    /// Moment::off_clock and ::scale_set when the grace started. Where the clock's part of the time
    /// falls below it, the grace moves back along: time counted by the boot clock stays charged.
    Duration off_clock{0};
    Duration scale_set{0};

    friend bool operator==(const Grace&, const Grace&) = default;
};

/// A request that may spend, durable before it is sent and until its answer is durable. Re-sent to
/// the letter.
enum class IntentKind : std::uint8_t { activate, renew, release };
std::string_view name(IntentKind kind);
std::optional<IntentKind> intent_kind_from_name(std::string_view name);

struct Intent {
    IntentKind kind = IntentKind::activate;
    std::string idempotency_key;
    std::string body;        ///< the inner message, sealed afresh each time it is sent; secret
    std::string license_id;  ///< of renew and release
    int max_count = 1;
    ServerTime created_at{};
    bool asked_by_hand = false;
    std::string product_key;  ///< of activate: becomes the state's when the license arrives; secret
    /// It went out and no answer is recorded yet: after a crash it is sent again at once.
    bool awaiting_answer = false;
    /// An attempt of it may have reached the key server: its answer has to be heard.
    bool may_have_arrived = false;

    /// It provably never left this machine: dropping it loses nothing.
    bool never_left() const { return !awaiting_answer && !may_have_arrived; }
};

struct Decision {
    hwid::Verdict verdict = hwid::Verdict::insufficient;
    bool significant = false;
    int counted = 0;
    licensing::CountingRule rule = licensing::CountingRule::significant_change;
    std::vector<std::string> reasons;
    ServerTime at{};
    /// Counted ones of this machine in 90 days but for its first, where the key server says.
    std::optional<int> recent_reimages = {};
    /// What tied the machine to its earlier record; none in rows of older agents.
    std::optional<licensing::Continuity> continuity = {};
};

struct Attempt {
    ServerTime at{};
    std::string outcome;  ///< "ok", "refused", "failed"
    std::string code;     ///< code name, empty when ok
    std::string detail;
};

struct ProductState {
    std::string publisher;
    std::string product;
    ProductStatus status = ProductStatus::unlicensed;
    std::optional<Grace> grace;
    int rearms_used = 0;
    bool grace_granted = false;  ///< an initial grace was ever granted here

    std::string product_key;  ///< canonical text; secret; empty where none is installed
    std::optional<licensing::License> license;
    std::string license_jws;
    std::string receipt_jws;
    std::int64_t lease_sequence = 0;
    std::optional<hwid::Fingerprint> matching_baseline;
    std::optional<hwid::Fingerprint> counting_baseline;

    std::optional<Intent> intent;
    /// An admin's next wish, while `intent` may already have spent something: never sent before
    /// that one is answered, so replacing or dropping it loses nothing.
    std::optional<Intent> queued;
    bool held = false;      ///< waits for an admin's confirmation (confirmation_required)
    std::string held_code;  ///< why: would_count, evidence_insufficient, ...
    std::string held_key;   ///< the product key that waits; secret

    std::optional<Decision> last_decision;
    std::optional<Attempt> last_attempt;
    /// When the key server is asked next: the retry of `intent`, otherwise the next renewal.
    std::optional<ServerTime> next_attempt_at;
    std::optional<ServerTime> renew_at;  ///< drawn once when the license arrived
    int retry_position = 0;
    std::optional<ServerTime> reminder_due_at;
    std::optional<ServerTime> first_used_at;
    Ledger ledger;
    std::optional<TpmLedger> tpm;  ///< none: no counter was ever read for this row
    bool suspected_clone = false;
    bool revoked = false;      ///< the key server ended the license; the notice period runs or ran
    bool drifted = false;      ///< the last fingerprint differs significantly from the baseline
    bool deactivated = false;  ///< an admin ended the license: only an admin starts another one
    /// How much out-of-tolerance grace this license has used; going back to the old hardware stops
    /// it, the key server's next answer refills it.
    Duration tolerance_used{0};
};

/// The key that `latchkey activate` without a key means: the held one, else the installed one.
const std::string& installed_key(const ProductState& state);

/// A license that makes the product licensed at `now`: neither run out, revoked, cloned nor on
/// other hardware.
bool license_in_force(const ProductState& state, ServerTime now);

/// True in the states whose `grace` runs.
bool in_grace(ProductStatus status);

}  // namespace latchkey::core
