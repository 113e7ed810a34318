#pragma once

// What may stand where the agent's local endpoint should: a Unix socket that answers what the test
// says. And the test's own questions to an agent's socket.

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "tests/e2e/https_responder.h"
#include "tests/e2e/world.h"

namespace latchkey::e2e {

class LocalResponder {
public:
    /// The handler is called on the responder's thread, one request after the other.
    LocalResponder(fs::path socket, WireHandler handler);
    ~LocalResponder();

    const fs::path& socket() const;

private:
    class Server;
    std::unique_ptr<Server> server_;
};

/// Sends the request to an agent's socket and brings back its answer.
WireResponse ask_local(const fs::path& socket, const WireRequest& request);

}  // namespace latchkey::e2e
