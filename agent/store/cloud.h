#pragma once

// Cloud services that were redeemed on this machine (rule K3), one row each, and requests to redeem
// that have no answer yet. They belong to the machine: an image keeps none.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "licensing/redemption.h"

namespace latchkey::store {

using CloudId = std::pair<std::string, std::string>;  ///< publisher, CloudRow::id

/// A request that is durable before it is sent, and sent again to the letter. Holds secrets.
struct PendingRedemption {
    std::string product;
    std::string token;  ///< canonical text
    std::string body;   ///< the inner message
    ServerTime since;
};

/// Either one or the other.
struct CloudRow {
    std::string publisher;
    std::string id;  ///< the entitlement's, "cld_..."; pending: the idempotency key
    std::optional<PendingRedemption> pending = std::nullopt;
    std::optional<licensing::CloudEntitlement> entitlement =
        std::nullopt;           ///< verified when it came
    std::string document = {};  ///< the JWS it was read from

    CloudId key() const { return {publisher, id}; }
};

/// Reading them; they change with Store::commit(). The runner's thread, as for the store.
class CloudShelf {
public:
    virtual ~CloudShelf() = default;
    virtual std::vector<CloudRow> cloud() = 0;
};

}  // namespace latchkey::store
