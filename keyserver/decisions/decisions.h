#pragma once

// What the key server does with a proven request: decide and commit in one transaction, together
// with the answer under its idempotency key, then sign. On the store's thread.
//
// A refusal spends nothing and is not remembered: the same request may be decided anew later.

#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "keyserver/decisions/case_file.h"
#include "keyserver/decisions/request_gate.h"
#include "keyserver/keys/key_room.h"
#include "keyserver/policy.h"
#include "keyserver/store/store.h"
#include "licensing/messages.h"
#include "licensing/redemption.h"

namespace latchkey::keyserver {

struct Answer {
    int status = 200;
    json::bj::value body;
    bool replayed = false;  ///< decided earlier; nothing was spent now
};

using Outcome = tl::expected<Answer, licensing::ProblemDocument>;

inline tl::unexpected<licensing::ProblemDocument> refuse(Problem problem) {
    return tl::unexpected(licensing::ProblemDocument{std::move(problem), {}, {}, {}});
}

/// `message` is the unsealed inner message, not yet parsed. The store and the room must outlive it.
class DecisionService {
public:
    DecisionService(Store& store, const KeyRoom& room, const Policy& policy)
        : store_(store), room_(room), policy_(policy) {}

    Outcome activate(const ProvenRequest& request, std::string_view message, ServerTime now);
    /// Spends nothing; is logged and limited per key and device.
    Outcome preview(const ProvenRequest& request, std::string_view message, ServerTime now);
    /// The next lease. Never counts.
    Outcome renew(std::string_view license, const ProvenRequest& request, std::string_view message,
                  ServerTime now);
    Outcome release(std::string_view license, const ProvenRequest& request,
                    std::string_view message, ServerTime now);

    /// What a TPM has to answer so that an activation may say it is there. Keeps nothing.
    Outcome tpm_challenge(const ProvenRequest& request, std::string_view message, ServerTime now);

    /// What this hardware's grace has cost. Spends nothing that was not spent already.
    Outcome rearms(const ProvenRequest& request, std::string_view message, ServerTime now);

    /// Redeems a token (rule K3). Nothing about activations is used.
    Outcome redeem(const ProvenRequest& request, std::string_view message, ServerTime now);

private:
    template <class Decide>
    Outcome once(const ProvenRequest& request, std::string_view message, ServerTime now,
                 Decide decide);
    template <class Decide>
    Outcome decide_once(const ProvenRequest& request, const licensing::Sha256& identity,
                        ServerTime now, Decide& decide);
    Outcome decide_preview(const ProvenRequest& request,
                           const licensing::ActivationRequest& message, ServerTime now);
    Outcome look_ahead(Stores& stores, const ProvenRequest& request,
                       const licensing::ActivationRequest& message, ServerTime now);
    Outcome decide_activation(Stores& stores, const ProvenRequest& request,
                              licensing::ActivationRequest message, ServerTime now);
    Outcome decide_renewal(Stores& stores, std::string_view license, const ProvenRequest& request,
                           const licensing::RenewRequest& message, ServerTime now);
    Outcome decide_release(Stores& stores, std::string_view license, const ProvenRequest& request,
                           const licensing::ReleaseRequest& message, ServerTime now);

    Outcome decide_rearms(Stores& stores, const ProvenRequest& request,
                          const licensing::LedgerRequest& message, ServerTime now);

    Outcome decide_redemption(Stores& stores, const ProvenRequest& request,
                              licensing::RedeemRequest message, ServerTime now);

    Store& store_;
    const KeyRoom& room_;
    const Policy& policy_;
};

}  // namespace latchkey::keyserver
