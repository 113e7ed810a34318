#pragma once

// Private to the decision service's files: decide at most once for one idempotency key.
// `decide` may be called again where a race was lost; it must leave what it was given as it was.

#include "keyserver/decisions/attempts.h"
#include "keyserver/decisions/decisions.h"

namespace latchkey::keyserver {

template <class Decide>
Outcome DecisionService::once(const ProvenRequest& request, std::string_view message,
                              ServerTime now, Decide decide) {
    const auto identity = request_identity(request, message);
    return repeated([&] { return decide_once(request, identity, now, decide); });
}

template <class Decide>
Outcome DecisionService::decide_once(const ProvenRequest& request,
                                     const licensing::Sha256& identity, ServerTime now,
                                     Decide& decide) {
    auto transaction = store_.begin(Store::Access::write);
    if (!transaction) return refuse(std::move(transaction.error()));
    Stores& stores = (*transaction)->stores();

    const auto earlier = stores.decisions.recall(request.device, request.proof.idempotency_key);
    if (!earlier) return refuse(earlier.error());
    if (*earlier) {
        if (!licensing::equal_secret((*earlier)->request_hash, identity))
            return refuse(
                {Code::idempotency_conflict, "the earlier request said something else", {}});
        if ((*earlier)->body.empty())
            return refuse({Code::idempotency_conflict,
                           "this was decided on " + format_rfc3339((*earlier)->at).substr(0, 10) +
                               ", and answers are kept for " +
                               std::to_string(policy_.answer_kept.count()) + " days",
                           "Ask anew: the next request stands for itself."});
        auto body = json::parse_strict((*earlier)->body, {.max_bytes = 1024 * 1024});
        if (!body) return refuse({Code::state_corrupt, "a remembered answer is damaged", {}});
        if (auto sound = (*transaction)->let_go(); !sound) return refuse(std::move(sound.error()));
        return Answer{200, std::move(*body), true};
    }

    Outcome outcome = decide(stores);
    if (!outcome) {
        if (auto sound = (*transaction)->let_go(); !sound) return refuse(std::move(sound.error()));
        return outcome;
    }
    auto kept = stores.decisions.remember({request.device, request.proof.idempotency_key, identity,
                                           outcome->status, json::to_text(outcome->body), now});
    if (kept) kept = stores.decisions.empty_bodies(now - policy_.answer_kept, kEmptiedAtOnce);
    if (kept) kept = (*transaction)->commit();
    if (!kept) return refuse(std::move(kept.error()));
    return outcome;
}

}  // namespace latchkey::keyserver
