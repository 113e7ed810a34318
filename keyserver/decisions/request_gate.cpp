#include "keyserver/decisions/request_gate.h"

#include <algorithm>

namespace latchkey::keyserver {
namespace {

constexpr std::size_t kMaxIdempotencyBytes = 64;
constexpr auto kChallengeMinutes =
    std::chrono::duration_cast<minutes>(licensing::kChallengeLifetime).count();
constexpr const char* kOurChallenge =
    "Sign over a challenge from this key server's own /v1/time. Where several servers answer at "
    "one address, they need the same keys.";

bool plain(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
    });
}

Result<void> check_protocol(const HttpRequest& request) {
    if (request.protocol == std::to_string(licensing::kProtocolVersion)) return {};
    if (request.protocol.empty())
        return fail(Code::request_invalid, "the header Latchkey-Protocol is missing");
    const std::string ours =
        "this key server speaks protocol " + std::to_string(licensing::kProtocolVersion);
    if (request.protocol == "0")
        return fail(Code::agent_too_old, "the request speaks protocol 0, " + ours);
    return fail(Problem{Code::request_invalid,
                        "the header Latchkey-Protocol names another protocol; " + ours,
                        "Speak that protocol. Where an agent sent it, the agent is newer than this "
                        "key server, which has to be updated."});
}

/// They are there; what they hold is looked at later.
Result<void> check_headers(const HttpRequest& request) {
    for (const auto& [value, name] :
         {std::pair{&request.device, licensing::header::kDevice},
          std::pair{&request.proof, licensing::header::kRequest},
          std::pair{&request.idempotency_key, licensing::header::kIdempotency}})
        if (value->empty())
            return fail(Code::request_invalid, "the header " + std::string(name) + " is missing");
    return {};
}

Result<void> check_challenge(const std::string& challenge_jws, const KeyRoom& room,
                             ServerTime now) {
    const auto challenge = licensing::verify_challenge(challenge_jws, room.key_set());
    if (!challenge)
        return fail(Problem{Code::signature_invalid,
                            "the challenge was not made by this key server", kOurChallenge});
    if ((*challenge)->publisher != room.publisher().id)
        return fail(Problem{Code::signature_invalid, "the challenge is another publisher's",
                            kOurChallenge});
    const Duration age = now - (*challenge)->server_time;
    if (age > licensing::kChallengeLifetime || age < -licensing::kChallengeLifetime)
        return fail(Code::challenge_expired,
                    "it serves " + std::to_string(kChallengeMinutes) + " minutes");
    return {};
}

/// The proof is about this request and no other.
Result<void> check_binding(const HttpRequest& request, const licensing::RequestProof& proof,
                           const KeyRoom& room) {
    const auto mismatch = [](std::string_view what) {
        return fail(Code::signature_invalid,
                    "the signed " + std::string(what) + " is not the request's");
    };
    if (proof.method != request.method) return mismatch("method");
    if (proof.path != request.target) return mismatch("path");
    if (proof.publisher != room.publisher().id) return mismatch("publisher");
    if (proof.body_sha256 != base64url(licensing::sha256(request.body)))
        return mismatch("body hash");
    if (proof.idempotency_key != request.idempotency_key) return mismatch("idempotency key");
    if (!licensing::is_nonce(proof.nonce))
        return fail(Code::request_invalid,
                    "the signed nonce must be 16 to 64 letters, digits, '-' or '_'");
    if (proof.idempotency_key.empty() || proof.idempotency_key.size() > kMaxIdempotencyBytes ||
        !plain(proof.idempotency_key))
        return fail(Code::request_invalid,
                    "the idempotency key must be 1 to 64 letters, digits, '-', '_' or '.'");
    return {};
}

}  // namespace

Result<ProvenRequest> prove(const HttpRequest& request, const KeyRoom& room, ServerTime now) {
    if (auto spoken = check_protocol(request); !spoken) return fail(std::move(spoken.error()));
    if (auto there = check_headers(request); !there) return fail(std::move(there.error()));
    const auto device = licensing::public_key_from_text(request.device);
    if (!device)
        return fail(Code::request_invalid,
                    "the header Latchkey-Device is no Ed25519 public key in base64url");
    const auto proof = licensing::verify_request(request.proof, *device);
    if (!proof)
        return fail(proof.error().code, "the header Latchkey-Request: " + proof.error().detail);
    if (auto bound = check_binding(request, **proof, room); !bound)
        return fail(std::move(bound.error()));
    if (auto fresh = check_challenge((*proof)->challenge, room, now); !fresh)
        return fail(std::move(fresh.error()));
    return ProvenRequest{request.device, *device, **proof, request.proof};
}

Result<std::string> unsealed_message(const HttpRequest& request, const KeyRoom& room,
                                     ServerTime now) {
    const auto body = licensing::parse_sealed_body(request.body);
    if (!body) return fail(body.error());
    if (body->publisher != room.publisher().id)
        return fail(
            Problem{Code::request_invalid, "the body is for another publisher",
                    "Ask the key server of that publisher; a product's manifest names it."});
    const auto& key = room.seal_key_named(licensing::claimed_seal_key_id(body->sealed), now);
    auto message = licensing::unseal(body->sealed, key);
    if (!message)
        return fail(Problem{
            Code::request_invalid, "the body is not sealed to this key server's key set",
            "Seal it to the key that the key set at /.well-known/latchkey names now. Where several "
            "servers answer at one address, they need the same keys."});
    return message;
}

licensing::Sha256 request_identity(const ProvenRequest& request, std::string_view message) {
    std::string identity = request.proof.method + '\n' + request.proof.path + '\n';
    identity += message;
    const auto hash = licensing::sha256(identity);
    licensing::wipe(identity);
    return hash;
}

}  // namespace latchkey::keyserver
