#pragma once

// May this device redeem this token (rule K3, and E1, E3)? A pure function of facts, as rules.h.

#include <optional>
#include <string_view>
#include <vector>

#include "base/problem.h"
#include "keyserver/rules/rules.h"
#include "keyserver/store/token_store.h"
#include "licensing/redemption.h"

namespace latchkey::keyserver {

struct TokenFacts {
    const TokenRecord& token;
    const licensing::Program& program;
    const Entitlement& entitlement;
    const std::vector<Location>& locations;  ///< of the entitlement's organization
    const licensing::RedeemRequest& request;
    std::string_view device;  ///< the asking device key
    ServerTime now;
};

struct TokenDecision {
    std::optional<Problem> refusal;
    bool repeated = false;  ///< this device redeemed it before: it is told the same, for ever
};

/// Whoever else redeemed it is never told, and of when the day alone.
TokenDecision decide_redemption(const TokenFacts& facts);

}  // namespace latchkey::keyserver
