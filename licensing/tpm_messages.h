#pragma once

// How a TPM proves to a key server that it is the one whose endorsement key an activation shows
// (docs/tpm.md). The key server keeps no state of it. Parsers are those of messages.h.

#include <string>
#include <string_view>

#include "base/encoding.h"
#include "base/result.h"
#include "base/strict_json.h"
#include "base/time.h"

namespace latchkey::licensing {

inline constexpr std::string_view kTpmChallengePath = "/v1/tpm/challenge";

/// The inner message of POST /v1/tpm/challenge.
struct TpmChallengeRequest {
    std::string product;
    Bytes ek_public;  ///< TPM2B_PUBLIC
    Bytes ak_public;  ///< TPM2B_PUBLIC
};
json::bj::value to_json(const TpmChallengeRequest& request);
Result<TpmChallengeRequest> tpm_challenge_request_from_json(const json::bj::value& value);

/// What only the TPM with that endorsement key can open, and only for that attestation key.
struct TpmChallengeReply {
    Bytes nonce;
    ServerTime issued_at;
    Bytes credential_blob;   ///< TPM2B_ID_OBJECT without its size
    Bytes encrypted_secret;  ///< TPM2B_ENCRYPTED_SECRET without its size
};
json::bj::value to_json(const TpmChallengeReply& reply);
Result<TpmChallengeReply> tpm_challenge_reply_from_json(const json::bj::value& value);

/// In an activation's message. Nothing in it is of one request alone, so that the message stays to
/// the letter when it is sent again.
struct TpmProof {
    ServerTime issued_at;  ///< of the challenge
    Bytes ek_public;
    Bytes ak_public;
    Bytes secret;     ///< what the credential held
    Bytes quote;      ///< TPMS_ATTEST
    Bytes signature;  ///< ECDSA by the attestation key: r and s
};
json::bj::value to_json(const TpmProof& proof);
Result<TpmProof> tpm_proof_from_json(const json::bj::value& value);

/// Why an agent that wanted to give a proof has none, in words that end a sentence. The names are
/// those of platform::TpmFailure and "not_offered"; an unknown one stands for itself.
std::string tpm_failure_text(std::string_view name);

}  // namespace latchkey::licensing
