#include "agent/daemon/desk.h"

#include <spdlog/spdlog.h>

#include "agent/daemon/log.h"

namespace latchkey::daemon {

std::string_view agent_version() { return LATCHKEY_VERSION; }

Result<licensing::Manifest> Desk::manifest(const std::string& product) const {
    const auto found = manifests.find(product);
    if (found == manifests.end()) return fail(Code::product_unknown, product.substr(0, 64));
    return found->second;
}

core::Policy Desk::policy(const licensing::Manifest& manifest) const {
    core::Policy local;
    local.role = config.role;
    local.allow_ephemeral = config.allow_ephemeral;
    return core::effective_policy(local, manifest.policy);
}

const core::ProductState* Desk::row(const licensing::Manifest& manifest) const {
    return runner.find({manifest.publisher, manifest.product});
}

net::ServerAddress Desk::server(const licensing::Manifest& manifest) const {
    const auto server = config.key_server_of(manifest.publisher, manifest.url);
    return {server.url, server.ca_file, server.proxy, nullptr, runner.signed_and_passed()};
}

Result<void> Desk::apply(const licensing::Manifest& manifest, const core::Event& event) {
    return runner.apply(manifest.publisher, manifest.product, event, policy(manifest));
}

Result<net::Caller> Desk::caller(const licensing::Manifest& manifest) {
    const auto device = trust.device_key(manifest);
    if (!device) return fail(device.error());
    const auto publisher = trust.of(manifest);
    if (!publisher) return fail(publisher.error());
    return net::Caller{publisher->root, publisher->key_set_version, *device,
                       trust.weights(manifest.publisher).version};
}

Result<void> Desk::learn(const net::Fresh& fresh) {
    runner.signed_time(fresh.server_time, fresh.round_trip);
    if (auto kept = trust.accept(fresh.trusted); !kept) return kept;
    const auto& publisher = fresh.trusted.root.publisher;
    if (fresh.weights_jws.empty()) return {};
    if (const auto taken = trust.take_weights(publisher, fresh.weights_jws); !taken)
        spdlog::warn("{}: the evidence table is not taken: {}", printable(publisher),
                     taken.error().detail);
    return {};
}

}  // namespace latchkey::daemon
