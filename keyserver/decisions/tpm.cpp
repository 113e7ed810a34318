#include "keyserver/decisions/tpm.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "keyserver/decisions/decisions.h"
#include "licensing/tpm_credential.h"

namespace latchkey::keyserver {
namespace {

using licensing::TpmProof;

/// Whom and what a challenge is for. The fields have fixed lengths.
Bytes binding(ServerTime issued_at, const licensing::PublicKey& device,
              std::span<const std::uint8_t> ek_public, std::span<const std::uint8_t> ak_public) {
    Bytes bytes;
    const auto put = [&](std::span<const std::uint8_t> part) {
        bytes.insert(bytes.end(), part.begin(), part.end());
    };
    const auto at = static_cast<std::uint64_t>(issued_at.time_since_epoch().count());
    for (int shift = 56; shift >= 0; shift -= 8)
        bytes.push_back(static_cast<std::uint8_t>(at >> shift));
    put(device);
    put(licensing::sha256(ek_public));
    put(licensing::tpm_name(ak_public));
    return bytes;
}

licensing::Sha256 secret_of(const KeyRoom& room, std::span<const std::uint8_t> bound) {
    return room.pepper().answer("tpm secret", bound);
}

licensing::Sha256 nonce_of(const KeyRoom& room, std::span<const std::uint8_t> bound) {
    return room.pepper().answer("tpm nonce", bound);
}

bool same(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

/// The credential was opened: by the TPM with that endorsement key, for that attestation key.
std::string why_not_opened(const KeyRoom& room, const TpmProof& proof,
                           std::span<const std::uint8_t> bound, ServerTime now, Duration kept) {
    const Duration age = now - proof.issued_at;
    if (age > kept || age < -licensing::kChallengeLifetime) return "it is too old";
    if (!licensing::equal_secret(secret_of(room, bound), proof.secret))
        return "the TPM did not open this key server's challenge";
    return {};
}

/// That attestation key, in that TPM, signed for this device key.
std::string why_not_signed(const KeyRoom& room, const TpmProof& proof,
                           std::span<const std::uint8_t> bound,
                           const licensing::PublicKey& device) {
    const auto key = licensing::parse_attestation_key(proof.ak_public);
    if (!key) return key.error().detail;
    const auto quote = licensing::parse_tpm_quote(proof.quote);
    if (!quote) return quote.error().detail;
    if (!same(quote->signer, licensing::tpm_endorsed_name(licensing::tpm_name(proof.ak_public))))
        return "the quote is another key's";
    if (!same(quote->extra, licensing::tpm_qualifying_data(nonce_of(room, bound), device)))
        return "the quote is for another request";
    if (!licensing::verify_tpm_signature(*key, proof.quote, proof.signature))
        return "the quote's signature is wrong";
    return {};
}

/// It and no other: a machine that showed a second key would be recognised by the one and prove
/// the other.
bool is_evidence(const KeyRoom& room, const TpmProof& proof, const hwid::Fingerprint& seen) {
    const auto digest = licensing::endorsement_evidence(proof.ek_public, room.publisher().salt);
    std::size_t shown = 0;
    bool proven = false;
    for (const auto& evidence : seen.evidence) {
        if (evidence.kind != hwid::Kind::tpm_ek || !evidence.has_digest()) continue;
        ++shown;
        proven = evidence.quality == hwid::Quality::good && evidence.digest == digest;
    }
    return shown == 1 && proven;
}

std::string why_not(const KeyRoom& room, const licensing::ActivationRequest& request,
                    const licensing::PublicKey& device, ServerTime now, Duration kept) {
    const auto& proof = *request.tpm;
    if (const auto key = licensing::parse_endorsement_key(proof.ek_public); !key)
        return key.error().detail;
    const Bytes bound = binding(proof.issued_at, device, proof.ek_public, proof.ak_public);
    if (auto why = why_not_opened(room, proof, bound, now, kept); !why.empty()) return why;
    if (auto why = why_not_signed(room, proof, bound, device); !why.empty()) return why;
    if (!is_evidence(room, proof, request.fingerprint))
        return "the TPM that answered is not the one this machine shows";
    return {};
}

}  // namespace

Result<licensing::TpmChallengeReply> make_tpm_challenge(
    const KeyRoom& room, const licensing::TpmChallengeRequest& request,
    const licensing::PublicKey& device, ServerTime now) {
    const auto endorsement = licensing::parse_endorsement_key(request.ek_public);
    if (!endorsement) return fail(endorsement.error());
    if (const auto key = licensing::parse_attestation_key(request.ak_public); !key)
        return fail(key.error());
    const Bytes bound = binding(now, device, request.ek_public, request.ak_public);
    auto secret = secret_of(room, bound);
    const auto nonce = nonce_of(room, bound);
    auto credential = licensing::make_tpm_credential(
        *endorsement, licensing::tpm_name(request.ak_public), secret);
    licensing::wipe(secret);
    if (!credential) return fail(Code::request_invalid, "the endorsement key cannot be used");
    return licensing::TpmChallengeReply{{nonce.begin(), nonce.end()},
                                        now,
                                        std::move(credential->blob),
                                        std::move(credential->encrypted_secret)};
}

TpmWord judge_tpm(const KeyRoom& room, const licensing::ActivationRequest& request,
                  const licensing::PublicKey& device, ServerTime now, Duration kept) {
    if (!request.tpm_unproven.empty())
        return {false, "The TPM gave no proof: " +
                           licensing::tpm_failure_text(request.tpm_unproven) + "."};
    if (!request.tpm) return {};
    const auto why = why_not(room, request, device, now, kept);
    if (why.empty()) return {true, {}};
    // Nothing an honest agent sends comes to this, but for a proof that waited too long.
    spdlog::warn("a TPM's proof by device {}… for {} does not hold: {}",
                 licensing::to_text(device).substr(0, 8), request.product, why);
    return {false, "The TPM's proof does not hold: " + why + "."};
}

Outcome DecisionService::tpm_challenge(const ProvenRequest& request, std::string_view message,
                                       ServerTime now) {
    const auto value = json::parse_strict(message);
    if (!value) return refuse(value.error());
    const auto parsed = licensing::tpm_challenge_request_from_json(*value);
    if (!parsed) return refuse(parsed.error());
    const auto reply = make_tpm_challenge(room_, *parsed, request.device_key, now);
    if (!reply) return refuse(reply.error());
    return Answer{200, licensing::to_json(*reply), false};
}

}  // namespace latchkey::keyserver
