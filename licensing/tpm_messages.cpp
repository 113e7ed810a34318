#include "licensing/tpm_messages.h"

#include <array>
#include <utility>

#include "licensing/fields.h"
#include "licensing/tpm_structures.h"

namespace latchkey::licensing {
namespace {

using json::ObjectReader;
using enum ObjectReader::Unknown;

constexpr std::size_t kMaxNonce = 64;
constexpr std::size_t kMaxCredential = 256;

/// Base64url of between 1 and `most` bytes.
Bytes bytes(ObjectReader& in, std::string_view name, std::size_t most) {
    const auto text = in.string(name, (most + 2) / 3 * 4);
    if (!in.ok()) return {};
    auto decoded = from_base64url(text);
    if (!decoded || decoded->empty() || decoded->size() > most) {
        in.refuse(name, "is not base64url of so many bytes");
        return {};
    }
    return std::move(*decoded);
}

Bytes exactly(ObjectReader& in, std::string_view name, std::size_t size) {
    auto decoded = bytes(in, name, size);
    if (in.ok() && decoded.size() != size) in.refuse(name, "has another length");
    return decoded;
}

}  // namespace

json::bj::value to_json(const TpmChallengeRequest& request) {
    return json::bj::object{{"product", request.product},
                            {"ek_public", base64url(request.ek_public)},
                            {"ak_public", base64url(request.ak_public)}};
}

Result<TpmChallengeRequest> tpm_challenge_request_from_json(const json::bj::value& value) {
    ObjectReader in(value, "TPM challenge request");
    TpmChallengeRequest request;
    request.product = fields::text(in, "product", fields::kMaxIdBytes, fields::is_product_id);
    request.ek_public = bytes(in, "ek_public", kMaxTpmPublicBytes);
    request.ak_public = bytes(in, "ak_public", kMaxTpmPublicBytes);
    if (auto bad = in.finish(refused)) return fail(*bad);
    return request;
}

json::bj::value to_json(const TpmChallengeReply& reply) {
    return json::bj::object{{"nonce", base64url(reply.nonce)},
                            {"issued_at", fields::json_time(reply.issued_at)},
                            {"credential_blob", base64url(reply.credential_blob)},
                            {"encrypted_secret", base64url(reply.encrypted_secret)}};
}

Result<TpmChallengeReply> tpm_challenge_reply_from_json(const json::bj::value& value) {
    ObjectReader in(value, "TPM challenge");
    TpmChallengeReply reply;
    reply.nonce = bytes(in, "nonce", kMaxNonce);
    reply.issued_at = fields::time(in, "issued_at");
    reply.credential_blob = bytes(in, "credential_blob", kMaxCredential);
    reply.encrypted_secret = bytes(in, "encrypted_secret", kMaxCredential);
    if (auto bad = in.finish(ignored)) return fail(*bad);
    return reply;
}

json::bj::value to_json(const TpmProof& proof) {
    return json::bj::object{{"issued_at", fields::json_time(proof.issued_at)},
                            {"ek_public", base64url(proof.ek_public)},
                            {"ak_public", base64url(proof.ak_public)},
                            {"secret", base64url(proof.secret)},
                            {"quote", base64url(proof.quote)},
                            {"signature", base64url(proof.signature)}};
}

Result<TpmProof> tpm_proof_from_json(const json::bj::value& value) {
    ObjectReader in(value, "TPM proof");
    TpmProof proof;
    proof.issued_at = fields::time(in, "issued_at");
    proof.ek_public = bytes(in, "ek_public", kMaxTpmPublicBytes);
    proof.ak_public = bytes(in, "ak_public", kMaxTpmPublicBytes);
    proof.secret = exactly(in, "secret", kTpmSecretBytes);
    proof.quote = bytes(in, "quote", kMaxTpmQuoteBytes);
    proof.signature = exactly(in, "signature", kTpmSignatureBytes);
    if (auto bad = in.finish(ignored)) return fail(*bad);
    return proof;
}

std::string tpm_failure_text(std::string_view name) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kWords{{
        {"absent", "this machine has no TPM"},
        {"too_old", "the TPM is a TPM 1.2"},
        {"no_library", "the library for TPMs is not installed; on Linux it is tpm2-tss"},
        {"not_permitted", "the agent's user may not use the TPM; on Linux the group tss may"},
        {"hierarchy_locked", "somebody set a password on the TPM's endorsement hierarchy"},
        {"locked_out", "the TPM is in lockout after too many wrong passwords"},
        {"refused", "the TPM refused"},
        {"unreachable", "the TPM cannot be talked to"},
        {"timed_out", "the TPM took too long to answer"},
        {"malformed", "what was sent as a proof cannot be read"},
        {"not_offered", "the key server takes no proof by TPM"},
    }};
    for (const auto& [known, words] : kWords)
        if (known == name) return std::string(words);
    return "\"" + std::string(name) + "\"";
}

}  // namespace latchkey::licensing
