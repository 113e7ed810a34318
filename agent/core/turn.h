#pragma once

// Inside of step.h: one step in the making, and what several event families share. Nobody outside
// this folder includes it.

#include <optional>
#include <string>
#include <string_view>

#include "agent/core/effect.h"
#include "agent/core/event.h"
#include "agent/core/moment.h"
#include "agent/core/policy.h"
#include "agent/core/state.h"

namespace latchkey::core {

/// Handlers change `state` and add effects. A handler that sets `refused` needs not undo anything:
/// step() hands the old state back.
struct Turn {
    ProductState state;
    const Moment& moment;
    const Policy& policy;
    Effects effects;
    std::optional<Problem> refused;

    ServerTime now() const { return moment.now; }
};

void report(Turn& turn, std::string_view event, std::string detail, std::string_view code = {});
void refuse(Turn& turn, Code code, std::string detail);

/// --- graces (turn.cpp)
void start_grace(Turn& turn, ProductStatus kind, Duration length);
void start_out_of_tolerance(Turn& turn, std::string_view why);
void become_licensed(Turn& turn);
/// Books what an out-of-tolerance grace used, so that leaving and entering it again refills
/// nothing.
void book_tolerance(Turn& turn);
/// Ends the license here; the machine's baselines stay, they explain a later activation.
void drop_license(Turn& turn);
/// Brings the status in line with the deadlines at `now`: leases and graces that ended, and those
/// that a corrected clock gave back.
void settle(Turn& turn);
/// Keeps reminder_due_at what the status wants; a due one is the tick's work.
void schedule_reminder(Turn& turn, ProductStatus before);
ServerTime reminder_after(const ProductState& state, ServerTime now, const Policy& policy);

/// --- requests (step_intent.cpp, step_license.cpp)
void send_intent(Turn& turn);
/// An activation that never left, on a machine that became a lab machine or of a product that needs
/// none any more. True where it did.
bool withdraw_what_may_not_spend(Turn& turn);
bool may_not_spend(const ProductState& state, const Policy& policy);
/// Nothing waits for an administrator's confirmation any more.
void clear_hold(ProductState& state);
void promote_queued(Turn& turn);
void draw_renewal(Turn& turn);
/// When nothing is pending: next_attempt_at follows the renewal, or the drifted hardware's wish.
void schedule_idle(Turn& turn);
void push_by_ladder(Turn& turn, std::optional<Duration> retry_after);
bool wants_reactivation(const ProductState& state, const Policy& policy);
void give_up_license(Turn& turn, const std::string& detail);
void mark_clone(Turn& turn);

/// --- the grace ledger (step_ledger.cpp)
/// The grace changed in a way the key server does not know of yet.
void want_ledger(Turn& turn);
/// Asks where it is due.
void ask_due_ledger(Turn& turn);
/// Last of all in a step: nothing is asked where there is nothing to report, and what was never
/// told is asked some time.
void settle_ledger(Turn& turn);
/// Has the key server asked once more: the calendar by which a grace ended may be wrong.
void doubt_end_of_grace(Turn& turn);

/// --- the counter in the TPM (step_counter.cpp)
/// One more grace began on this hardware.
void count_grace(Turn& turn);

/// --- one handler an event, in the step_*.cpp of its family
void on(Turn& turn, const event::Tick& event);
void on(Turn& turn, const event::ManifestSeen& event);
void on(Turn& turn, const event::ManifestRemoved& event);
void on(Turn& turn, const event::HardwareSeen& event);
void on(Turn& turn, const event::ActivationDecided& event);
void on(Turn& turn, const event::ActivationProven& event);
void on(Turn& turn, const event::ActivationHeld& event);
void on(Turn& turn, const event::RenewalDecided& event);
void on(Turn& turn, const event::ReleaseDecided& event);
void on(Turn& turn, const event::LicenseReceived& event);
void on(Turn& turn, const event::ReleaseReceived& event);
void on(Turn& turn, const event::AttemptFailed& event);
void on(Turn& turn, const event::LedgerReceived& event);
void on(Turn& turn, const event::LedgerFailed& event);
void on(Turn& turn, const event::CounterRead& event);
void on(Turn& turn, const event::NetworkChanged& event);
void on(Turn& turn, const event::FirstUse& event);
void on(Turn& turn, const event::Rearm& event);
void on(Turn& turn, const event::Revoked& event);
void on(Turn& turn, const event::CloneTold& event);
void on(Turn& turn, const event::Deactivated& event);

}  // namespace latchkey::core
