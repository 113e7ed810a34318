#pragma once

// What the key server's verified reply means for a row: a license that is really ours, a release,
// or a failure. No I/O.

#include "agent/core/event.h"
#include "agent/core/state.h"
#include "agent/net/key_server_client.h"
#include "licensing/manifest.h"
#include "licensing/trust.h"

namespace latchkey::daemon {

/// Everything an answer is held against.
struct Expected {
    const licensing::Manifest& manifest;
    const core::Intent& intent;
    licensing::PublicKey device{};
    ServerTime now{};     ///< the answer's own signed time
    std::string machine;  ///< the key server's record of the license held; empty: none is held
};

/// What becomes of the activation of a license that was ended.
struct Refund {
    bool returned = false;                 ///< it is back
    std::optional<ServerTime> returns_at;  ///< it will come back then, and not before
};

/// LicenseReceived, ReleaseReceived, or AttemptFailed with Code::signature_invalid where license or
/// receipt does not verify, belongs to somebody else or answers something else. A release fills in
/// `refund`.
core::Event understand(const json::bj::value& message, const licensing::KeySet& keys,
                       const Expected& expected, Refund& refund);

/// Of a question that nobody asks again: the usual remedy of an unreachable key server says that
/// the agent does.
Problem asked_once(Problem problem, std::string_view remedy);

/// The failed call as the row's event; counting refusals name their numbers.
core::event::AttemptFailed failure_event(const net::CallFailure& failure);

/// Why the request behind `sent` is not fulfilled, its answer taken into the row `after`: the
/// failure, or the row's own refusal of an answer that looked good. None: it is.
std::optional<Problem> problem_after(const core::Event& answer, const core::Intent& sent,
                                     const core::ProductState& after);

/// The request an intent stands for.
net::Call call_of(const core::Intent& intent);

}  // namespace latchkey::daemon
