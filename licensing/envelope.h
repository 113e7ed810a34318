#pragma once

// The envelopes agent and key server put their messages in: the signed request, the signed reply,
// the sealed body and the problem document. What goes inside is messages.h. Parsers fail with
// Code::request_invalid unless they say otherwise.
//
//
// A spending request travels like this:
//   Latchkey-Protocol: 1
//   Latchkey-Device:   device public key, base64url
//   Latchkey-Request:  JWS (typ::kRequest) of RequestProof by the device key
//   Idempotency-Key:   as in the proof
//   body:              {"publisher": "...", "sealed": "<JWE of the inner message to the key set's
//   seal key>"}
// and is answered with
//   {"reply": "<JWS (typ::kReply) of Reply by a signing key>"}            (2xx)
//   a problem document with the same member "reply" beside the problem's   (4xx that is final)

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/strict_json.h"
#include "base/time.h"
#include "licensing/crypto.h"
#include "licensing/jws.h"
#include "licensing/trust.h"

namespace latchkey::licensing {

inline constexpr int kProtocolVersion = 1;
inline constexpr std::size_t kMaxBodyBytes = 64 * 1024;
inline constexpr std::size_t kMaxEvidence = hwid::kMaxComponents;
inline constexpr std::size_t kMinNonceBytes = 16;
inline constexpr std::size_t kMaxNonceBytes = 64;
inline constexpr Duration kChallengeLifetime = minutes{10};  ///< by the server's clock alone

namespace header {
inline constexpr std::string_view kProtocol = "Latchkey-Protocol";
inline constexpr std::string_view kDevice = "Latchkey-Device";
inline constexpr std::string_view kRequest = "Latchkey-Request";
inline constexpr std::string_view kIdempotency = "Idempotency-Key";
}  // namespace header

// --- freshness
// ------------------------------------------------------------------------------------------------------

/// What the key server takes for a nonce: 16 to 64 letters, digits, '-' or '_'.
bool is_nonce(std::string_view text);

/// GET /v1/time?nonce=N answers {"challenge": "<JWS (typ::kChallenge) of this>"}. The JWS itself is
/// the challenge that the next request's proof carries; the server checks its own signature and its
/// age, and keeps no list.
struct Challenge {
    std::string publisher;
    std::string nonce;  ///< the client's
    ServerTime server_time;
};
std::string sign_challenge(const SigningKey& key, const Challenge& challenge);
Result<Verified<Challenge>> verify_challenge(std::string_view jws, const KeySet& keys);

/// What the device key signs: this very request and no other.
struct RequestProof {
    std::string method;
    std::string path;
    std::string publisher;
    std::string body_sha256;  ///< base64url of the body's SHA-256
    std::string challenge;    ///< the challenge JWS
    std::string idempotency_key;
    std::string nonce;  ///< the reply must repeat it
};
std::string sign_request(const SigningKey& device, const RequestProof& proof);
/// Fails with Code::signature_invalid, or Code::request_invalid where the signature holds and what
/// it signs is no such proof.
Result<Verified<RequestProof>> verify_request(std::string_view jws, const PublicKey& device);

/// Every answer to a signed request. `body` is the message; `status` the HTTP status it travels
/// with.
struct Reply {
    std::string nonce;
    std::string request_hash;  ///< base64url of SHA-256 of the request JWS
    ServerTime server_time;
    int status = 200;
    json::bj::value body;
};
std::string sign_reply(const SigningKey& key, const Reply& reply);
/// Verifies, and checks nonce and request hash: Code::reply_not_fresh where they are another
/// request's.
Result<Verified<Reply>> verify_reply(std::string_view jws, const KeySet& keys,
                                     std::string_view nonce, std::string_view request_jws);
std::string request_hash(std::string_view request_jws);

/// {"publisher","sealed"} around an inner message.
struct SealedBody {
    std::string publisher;
    std::string sealed;
};
json::bj::value to_json(const SealedBody& body);
Result<SealedBody> parse_sealed_body(std::string_view body);

// --- problems
// -------------------------------------------------------------------------------------------------------

/// RFC 9457 with our members: code, retryable, remedy, and used/limit where counting is concerned.
struct ProblemDocument {
    Problem problem;
    std::optional<std::int64_t> used;
    std::optional<std::int64_t> limit;
    std::optional<std::int64_t> retry_after_s;
};
json::bj::value to_json(const ProblemDocument& document);
/// A code this version does not know becomes Code::internal with the server's words in the detail.
Result<ProblemDocument> problem_from_json(const json::bj::value& value);

}  // namespace latchkey::licensing
