#include "licensing/envelope.h"
#include "licensing/fields.h"
#include "licensing/signed_document.h"

namespace latchkey::licensing {
namespace {

using json::ObjectReader;

constexpr std::size_t kHashText = 43;  // base64url of 32 bytes
constexpr std::size_t kMaxChallengeBytes = 4096;

bool is_hash(std::string_view text) { return public_key_from_text(text).has_value(); }

std::string read_nonce(ObjectReader& in) {
    return fields::text(in, "nonce", kMaxNonceBytes, fields::is_token);
}

Result<Challenge> read_challenge(const json::bj::value& value) {
    ObjectReader in(value, "challenge");
    Challenge challenge;
    challenge.publisher =
        fields::text(in, "publisher", fields::kMaxIdBytes, fields::is_publisher_id);
    challenge.nonce = read_nonce(in);
    challenge.server_time = fields::time(in, "server_time");
    if (auto bad = in.finish(ObjectReader::Unknown::ignored)) return fail(*bad);
    return challenge;
}

Result<RequestProof> read_proof(const json::bj::value& value) {
    ObjectReader in(value, "request proof");
    RequestProof proof;
    proof.method = fields::text(in, "method", 8, fields::is_method);
    proof.path = fields::text(in, "path", 256, fields::is_request_path);
    proof.publisher = fields::text(in, "publisher", fields::kMaxIdBytes, fields::is_publisher_id);
    proof.body_sha256 = fields::text(in, "body_sha256", kHashText, is_hash);
    proof.challenge = in.string("challenge", kMaxChallengeBytes);
    proof.idempotency_key =
        fields::text(in, "idempotency_key", fields::kMaxIdBytes, fields::is_token);
    proof.nonce = read_nonce(in);
    if (auto bad = in.finish(ObjectReader::Unknown::refused)) return fail(*bad);
    return proof;
}

Result<Reply> read_reply(const json::bj::value& value) {
    ObjectReader in(value, "reply");
    Reply reply;
    reply.nonce = read_nonce(in);
    reply.request_hash = fields::text(in, "request_hash", kHashText, is_hash);
    reply.server_time = fields::time(in, "server_time");
    reply.status = static_cast<int>(in.integer("status", 200, 599));
    if (const auto* body = in.object("body")) reply.body = *body;
    if (auto bad = in.finish(ObjectReader::Unknown::ignored)) return fail(*bad);
    return reply;
}

}  // namespace

std::string sign_challenge(const SigningKey& key, const Challenge& challenge) {
    return sign_jws(key, typ::kChallenge,
                    json::bj::object{{"publisher", challenge.publisher},
                                     {"nonce", challenge.nonce},
                                     {"server_time", fields::json_time(challenge.server_time)}});
}

Result<Verified<Challenge>> verify_challenge(std::string_view jws, const KeySet& keys) {
    return verify_document(jws, typ::kChallenge, keys, read_challenge, &Challenge::publisher,
                           &Challenge::server_time);
}

std::string sign_request(const SigningKey& device, const RequestProof& proof) {
    return sign_jws(device, typ::kRequest,
                    json::bj::object{{"method", proof.method},
                                     {"path", proof.path},
                                     {"publisher", proof.publisher},
                                     {"body_sha256", proof.body_sha256},
                                     {"challenge", proof.challenge},
                                     {"idempotency_key", proof.idempotency_key},
                                     {"nonce", proof.nonce}});
}

Result<Verified<RequestProof>> verify_request(std::string_view jws, const PublicKey& device) {
    const auto payload = open_jws(jws, typ::kRequest, device);
    if (!payload) return fail(payload.error());
    auto proof = read_proof(*payload);
    if (!proof) return fail(std::move(proof.error()));
    return VerifiedMaker::make(std::move(*proof), std::string(jws));
}

std::string request_hash(std::string_view request_jws) { return base64url(sha256(request_jws)); }

std::string sign_reply(const SigningKey& key, const Reply& reply) {
    return sign_jws(key, typ::kReply,
                    json::bj::object{{"nonce", reply.nonce},
                                     {"request_hash", reply.request_hash},
                                     {"server_time", fields::json_time(reply.server_time)},
                                     {"status", reply.status},
                                     {"body", reply.body}});
}

Result<Verified<Reply>> verify_reply(std::string_view jws, const KeySet& keys,
                                     std::string_view nonce, std::string_view request_jws) {
    auto reply =
        verify_document<Reply>(jws, typ::kReply, keys, read_reply, nullptr, &Reply::server_time);
    if (!reply) return reply;
    if (!equal_secret(as_bytes((*reply)->nonce), as_bytes(nonce)))
        return fail(Code::reply_not_fresh, "the reply repeats another nonce");
    if ((*reply)->request_hash != request_hash(request_jws))
        return fail(Code::reply_not_fresh, "the reply answers another request");
    return reply;
}

}  // namespace latchkey::licensing
