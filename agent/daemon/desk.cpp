#include "agent/daemon/desk.h"

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
    return {server.url, server.ca_file, server.proxy};
}

Result<void> Desk::apply(const licensing::Manifest& manifest, const core::Event& event) {
    return runner.apply(manifest.publisher, manifest.product, event, policy(manifest));
}

}  // namespace latchkey::daemon
