// What a product asks for itself, whoever runs it: its license, a proof that this is the licensed
// machine, and the note that it is in use.

#include "agent/daemon/handlers.h"
#include "licensing/jws.h"
#include "licensing/trust.h"

namespace latchkey::daemon {
namespace {

namespace bj = json::bj;
using localapi::failed;
using localapi::Request;
using localapi::Response;

constexpr std::size_t kMaxNonce = 128;

/// A product in use starts a grace that waited for it. Only the first time is worth a commit.
Result<void> note_use(Agent& agent, const licensing::Manifest& manifest) {
    const auto* state = agent.desk().row(manifest);
    if (state && state->first_used_at && !(state->grace && state->grace->frozen)) return {};
    return agent.desk().apply(manifest, core::event::FirstUse{});
}

Response license(Agent& agent, const licensing::Manifest& manifest) {
    if (auto noted = note_use(agent, manifest); !noted) return failed(noted.error());
    const auto* state = agent.desk().row(manifest);
    if (state == nullptr || state->license_jws.empty())
        return failed({Code::not_activated, manifest.product, {}});
    const auto publisher = agent.desk().trust.of(manifest);
    if (!publisher) return failed(publisher.error());
    bj::array chain;
    for (const auto& link : publisher->root_chain) chain.emplace_back(link);
    return localapi::ok({{"schema_version", localapi::kSchemaVersion},
                         {"license", state->license_jws},
                         {"key_set", publisher->key_set_jws},
                         {"root_chain", std::move(chain)}});
}

Response attest(Agent& agent, const licensing::Manifest& manifest, const Request& request) {
    json::ObjectReader in(request.body, "attest");
    const std::string nonce = in.string("nonce", kMaxNonce);
    if (auto bad = in.finish(json::ObjectReader::Unknown::refused)) return failed(*bad);
    const auto* state = agent.desk().row(manifest);
    if (state == nullptr || !state->license)
        return failed({Code::not_activated, manifest.product, {}});
    const auto device = agent.desk().trust.key_named(manifest, state->license->device_key);
    if (!device) return failed(device.error());
    const auto now = agent.desk().runner.moment();
    const bj::value statement{
        {"publisher", manifest.publisher},    {"product", manifest.product},
        {"license", state->license->id},      {"nonce", nonce},
        {"state", core::name(state->status)}, {"proven_now", format_rfc3339(now.now)}};
    return localapi::ok(
        {{"schema_version", localapi::kSchemaVersion},
         {"attestation", licensing::sign_jws(**device, licensing::typ::kAttestation, statement)}});
}

Response used(Agent& agent, const licensing::Manifest& manifest, const Request& request) {
    if (auto good = read_nothing(request.body); !good) return failed(good.error());
    if (auto noted = note_use(agent, manifest); !noted) return failed(noted.error());
    const auto* state = agent.desk().row(manifest);
    return localapi::ok({{"schema_version", localapi::kSchemaVersion},
                         {"product", manifest.product},
                         {"state", core::name(state->status)},
                         {"first_used_at", format_rfc3339(*state->first_used_at)}});
}

}  // namespace

Response product_request(Agent& agent, const Route& route, const Request& request) {
    const auto manifest = agent.desk().manifest(route.product);
    if (!manifest) return failed(manifest.error());
    if (route.verb == "license") return license(agent, *manifest);
    if (route.verb == "attest") return attest(agent, *manifest, request);
    return used(agent, *manifest, request);
}

}  // namespace latchkey::daemon
