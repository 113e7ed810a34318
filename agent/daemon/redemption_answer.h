#pragma once

// What the key server's verified reply to a redemption means: documents that are really an answer
// to it, or a failure. No I/O.

#include <string>

#include "base/result.h"
#include "base/strict_json.h"
#include "licensing/redemption.h"
#include "licensing/trust.h"

namespace latchkey::daemon {

/// What was asked, and by whom.
struct AskedRedemption {
    const std::string& publisher;
    const std::string& product;
    std::string token_last5;
    licensing::PublicKey device{};
};

struct RedemptionDocuments {
    licensing::CloudEntitlement entitlement;
    std::string entitlement_jws;
    std::string receipt_jws;
};

/// Fails with Code::signature_invalid where entitlement or receipt does not verify, belongs to
/// somebody else or answers something else.
Result<RedemptionDocuments> understand_redemption(const json::bj::value& message,
                                                  const licensing::KeySet& keys,
                                                  const AskedRedemption& asked);

}  // namespace latchkey::daemon
