#include "agent/daemon/tpm_proof.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "agent/daemon/log.h"
#include "licensing/tpm_credential.h"

namespace latchkey::daemon {
namespace {

namespace asio = boost::asio;
using platform::TpmFailure;
using platform::TpmKeys;
using platform::TpmProofParts;
using platform::TpmProver;
using platform::TpmResult;
using platform::TpmTrouble;

/// The connection failed, not the question.
bool is_the_networks(const net::CallFailure& failure) {
    constexpr std::array kCodes{Code::keyserver_unreachable, Code::tls_untrusted,
                                Code::tls_intercepted, Code::captive_portal};
    return !failure.final &&
           std::find(kCodes.begin(), kCodes.end(), failure.problem.code) != kCodes.end();
}

net::Call challenge_call(const std::string& product, const TpmKeys& keys) {
    net::Call call;
    call.method = "POST";
    call.path = licensing::kTpmChallengePath;
    call.inner = json::to_text(licensing::to_json(
        licensing::TpmChallengeRequest{product, keys.ek_public, keys.ak_public}));
    call.idempotency_key = licensing::random_id("idk_");
    return call;
}

}  // namespace

TpmStatement TpmProofs::without(std::string_view reason, std::string detail) {
    std::string text = licensing::tpm_failure_text(reason);
    if (!detail.empty()) text += " (" + std::move(detail) + ")";
    spdlog::warn("the TPM gives no proof: {}", printable(text));
    last_ = {std::string(reason), std::move(text), desk_.runner.moment().now};
    return {std::nullopt, std::string(reason)};
}

/// Is the activation to be tried later as a whole?
bool TpmProofs::comes_again(const net::CallFailure& failure, const std::string& product) {
    if (!is_the_networks(failure)) return false;
    return !failure.may_have_arrived || lost_.insert(product).second;
}

Duration TpmProofs::patience(const licensing::Manifest& manifest) const {
    const auto policy = desk_.policy(manifest);
    switch (occasion_) {
        case TpmOccasion::activation:
            return policy.tpm_patience;
        case TpmOccasion::question:
            return policy.tpm_preview_patience;
    }
    return policy.tpm_patience;
}

asio::awaitable<net::CallResult<TpmStatement>> TpmProofs::make(licensing::Manifest manifest) {
    const auto caller = desk_.caller(manifest);
    if (!caller) co_return without("refused", caller.error().detail);
    const net::ServerAddress server = desk_.server(manifest);
    const auto device = caller->device->public_key();
    const Duration limit = patience(manifest);
    const auto label = licensing::tpm_label(manifest.publisher);

    const std::function<TpmResult<TpmKeys>(TpmProver&)> which = [label](TpmProver& prover) {
        return prover.keys(label);
    };
    const auto keys = co_await worker_.ask<TpmKeys>(limit, which);
    if (!keys) co_return without(name(keys.error().failure), keys.error().detail);

    const net::Call call = challenge_call(manifest.product, *keys);
    const auto told = co_await desk_.client.call(server, *caller, call);
    if (!told && comes_again(told.error(), manifest.product)) {
        auto failure = told.error();
        failure.may_have_arrived = false;  // the activation did not
        co_return tl::unexpected(std::move(failure));
    }
    lost_.erase(manifest.product);
    if (!told) co_return without("not_offered", std::string(told.error().problem.title()));
    if (const auto kept = desk_.learn(told->fresh); !kept)
        co_return without("refused", kept.error().detail);
    const auto challenge = licensing::tpm_challenge_reply_from_json(told->message);
    if (!challenge) co_return without("not_offered", challenge.error().detail);

    const auto asked = licensing::tpm_qualifying_data(challenge->nonce, device);
    const std::function<TpmResult<TpmProofParts>(TpmProver&)> answer =
        [label, asked, challenge = *challenge](TpmProver& prover) {
            return prover.prove(label, challenge.credential_blob, challenge.encrypted_secret,
                                asked);
        };
    const auto parts = co_await worker_.ask<TpmProofParts>(limit, answer);
    if (!parts) co_return without(name(parts.error().failure), parts.error().detail);
    last_ = {"made", {}, desk_.runner.moment().now};
    co_return TpmStatement{
        licensing::TpmProof{challenge->issued_at, keys->ek_public, keys->ak_public, parts->secret,
                            parts->quote, parts->signature},
        {}};
}

}  // namespace latchkey::daemon
