#pragma once

// Redeeming a token (rule K3): what is asked, what is answered, and the signed document that tells
// what the organization got. It ends with the program's enrollment year; nothing about activations
// is in it. No hardware is looked at: a token belongs to an organization, not to a machine.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/strict_json.h"
#include "base/time.h"
#include "licensing/crypto.h"
#include "licensing/jws.h"
#include "licensing/trust.h"

namespace latchkey::licensing {

inline constexpr std::size_t kMaxServiceBytes = 128;

/// A right to use a cloud service under a program, until the enrollment year ends.
struct CloudEntitlement {
    std::string id;  ///< "cld_..."
    std::string publisher;
    std::string product;  ///< whose token it was
    std::string service;  ///< its name for people, 1 to kMaxServiceBytes bytes
    std::string program;
    std::string organization;
    std::int64_t seats = 0;
    std::string token_last5;
    PublicKey device_key{};  ///< who redeemed it
    std::string receipt;     ///< "rcp_...", of the redemption
    ServerTime redeemed_at;
    ServerTime ends_at;  ///< after redeemed_at
};
json::bj::value to_json(const CloudEntitlement& entitlement);
/// For what was verified elsewhere; fails with Code::request_invalid.
Result<CloudEntitlement> cloud_entitlement_from_json(const json::bj::value& value);

std::string sign_cloud_entitlement(const SigningKey& key, const CloudEntitlement& entitlement);
/// Fails with Code::signature_invalid (signature, signing time, publisher, shape).
Result<Verified<CloudEntitlement>> verify_cloud_entitlement(std::string_view jws,
                                                            const KeySet& keys);

/// The inner message of POST /v1/tokens/redeem.
struct RedeemRequest {
    std::string product;
    std::string token;  ///< canonical text; secret
    std::string agent_version;
    std::string organization;
    std::string location;
    std::string country;  ///< ISO 3166-1 alpha-2, upper case; may be empty
};
json::bj::value to_json(const RedeemRequest& request);
Result<RedeemRequest> redeem_request_from_json(const json::bj::value& value);

/// Answer to it: 201, or 200 where the same device redeemed the token before.
struct RedeemReply {
    std::string entitlement;  ///< JWS
    std::string receipt;      ///< JWS
};
json::bj::value to_json(const RedeemReply& reply);
Result<RedeemReply> redeem_reply_from_json(const json::bj::value& value);

}  // namespace latchkey::licensing
