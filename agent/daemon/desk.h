#pragma once

// What the parts of the daemon work on together. Owned by the Agent; one thread.

#include <boost/asio/any_io_executor.hpp>

#include <string>

#include "agent/core/decide.h"
#include "agent/daemon/config.h"
#include "agent/daemon/machine.h"
#include "agent/daemon/manifests.h"
#include "agent/daemon/runner.h"
#include "agent/daemon/trust.h"
#include "agent/net/key_server_client.h"

namespace latchkey::daemon {

/// Of this build: "0.1.0".
std::string_view agent_version();

struct Desk {
    boost::asio::any_io_executor executor;
    net::KeyServerClient& client;
    Config config;
    Manifests manifests;
    Trust trust;
    Machine machine;
    Runner runner;
    /// The hardware was seen and the state is this machine's. Nothing is sent before.
    bool settled = false;

    /// A copy, because a reload may replace the manifests while a request is under way. Fails with
    /// Code::product_unknown.
    Result<licensing::Manifest> manifest(const std::string& product) const;
    core::Policy policy(const licensing::Manifest& manifest) const;
    /// The row of that manifest's product; nullptr where nothing was ever decided about it.
    const core::ProductState* row(const licensing::Manifest& manifest) const;
    /// Where its key server is, and what time is proven there.
    net::ServerAddress server(const licensing::Manifest& manifest) const;
    Result<void> apply(const licensing::Manifest& manifest, const core::Event& event);
    /// Who asks that publisher's key server. Fails where our own key could not be stored.
    Result<net::Caller> caller(const licensing::Manifest& manifest);
    /// Keeps what a contact brought besides its message: signed time, newer root and key set, newer
    /// evidence table. Fails where it could not be stored.
    Result<void> learn(const net::Fresh& fresh);
};

}  // namespace latchkey::daemon
