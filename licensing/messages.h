#pragma once

// What agent and key server say to each other, with limits on everything (docs/keyserver-api.yaml
// says it in OpenAPI). Parsers are strict about what they know and ignore members they do not know;
// all fail with Code::request_invalid.
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

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/strict_json.h"
#include "base/time.h"
#include "hwid/fingerprint.h"
#include "licensing/crypto.h"
#include "licensing/jws.h"
#include "licensing/license.h"
#include "licensing/receipt.h"

namespace latchkey::licensing {

inline constexpr int kProtocolVersion = 1;
inline constexpr std::size_t kMaxBodyBytes = 64 * 1024;
inline constexpr std::size_t kMaxEvidence = hwid::kMaxComponents;
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

// --- messages
// -------------------------------------------------------------------------------------------------------

/// Digest and quality of each component; nothing else of the machine.
json::bj::value to_json(const hwid::Fingerprint& fingerprint);
Result<hwid::Fingerprint> fingerprint_from_json(const json::bj::value& value);

/// The inner message of POST /v1/activations and /v1/activations/preview.
struct ActivationRequest {
    std::string product;
    std::string product_key;  ///< canonical text; secret
    hwid::Fingerprint fingerprint;
    int max_count =
        1;  ///< 0: only if it does not count (Code::would_count otherwise); ignored by preview
    std::string platform;  ///< "linux", "windows", "mac"
    std::string os_edition;
    std::string product_version;
    std::string agent_version;
    std::string organization;
    std::string location;
    std::string country;  ///< ISO 3166-1 alpha-2, upper case; may be empty
    std::optional<AgentVerdict> agent_verdict;
};
json::bj::value to_json(const ActivationRequest& request);
Result<ActivationRequest> activation_request_from_json(const json::bj::value& value);

/// Answer to POST /v1/activations (201, or 200 when it was decided before).
struct ActivationReply {
    std::string license;  ///< JWS
    std::string receipt;  ///< JWS
};
json::bj::value to_json(const ActivationReply& reply);
Result<ActivationReply> activation_reply_from_json(const json::bj::value& value);

/// Answer to POST /v1/activations/preview: what activating now would cost, and why. Nothing is
/// spent.
struct PreviewReply {
    bool new_machine = true;  ///< the key has no record of this machine
    hwid::Verdict verdict = hwid::Verdict::insufficient;
    bool significant = false;
    bool changed_any = false;
    int count = 1;
    std::string program;
    CountingRule rule = CountingRule::significant_change;
    std::vector<std::string> reasons;
    std::vector<ComponentFinding>
        components;  ///< only where the verdict is `same`, only of what was sent
    Activations activations;
    std::int64_t license_quantity = 0;
    std::optional<ServerTime> activate_by;
    std::string refusal;  ///< code name of what would refuse it; empty: it would be given
    std::string refusal_detail;
};
json::bj::value to_json(const PreviewReply& reply);
Result<PreviewReply> preview_reply_from_json(const json::bj::value& value);

/// The inner message of POST /v1/licenses/{id}/renew.
struct RenewRequest {
    std::string product;
    std::int64_t lease_sequence = 0;  ///< the newest the agent holds
    hwid::Fingerprint fingerprint;
    std::string platform;
    std::string agent_version;
};
json::bj::value to_json(const RenewRequest& request);
Result<RenewRequest> renew_request_from_json(const json::bj::value& value);

struct RenewReply {
    std::string license;  ///< JWS of the next lease
};
json::bj::value to_json(const RenewReply& reply);
Result<RenewReply> renew_reply_from_json(const json::bj::value& value);

/// The inner message of DELETE /v1/licenses/{id}.
struct ReleaseRequest {
    std::string product;
};
json::bj::value to_json(const ReleaseRequest& request);
Result<ReleaseRequest> release_request_from_json(const json::bj::value& value);

struct ReleaseReply {
    std::string receipt;  ///< JWS
    bool returned = false;
    Activations activations;
};
json::bj::value to_json(const ReleaseReply& reply);
Result<ReleaseReply> release_reply_from_json(const json::bj::value& value);

json::bj::value to_json(const Activations& activations);

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
