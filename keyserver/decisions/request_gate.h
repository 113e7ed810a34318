#pragma once

// Who asks, and is it fresh? A signed request is let in only if the device key signed this very
// method, path, body, idempotency key and a challenge this key server made at most ten minutes ago
// by its own clock (docs/keyserver.md, Requests).

#include <string>

#include "base/result.h"
#include "base/time.h"
#include "keyserver/http/http.h"
#include "keyserver/keys/key_room.h"
#include "licensing/messages.h"

namespace latchkey::keyserver {

/// A request whose proof holds.
struct ProvenRequest {
    std::string device;  ///< the device key as text: the caller's name everywhere
    licensing::PublicKey device_key{};
    licensing::RequestProof proof;
    std::string proof_jws;
};

/// Fails with Code::agent_too_old, Code::request_invalid (something is missing or of another form),
/// Code::signature_invalid, or Code::challenge_expired.
Result<ProvenRequest> prove(const HttpRequest& request, const KeyRoom& room, ServerTime now);

/// The inner message, unsealed. Fails with Code::request_invalid.
Result<std::string> unsealed_message(const HttpRequest& request, const KeyRoom& room,
                                     ServerTime now);

/// What an idempotency key stands for: method, path and inner message. The sealed body differs each
/// time it is sent.
licensing::Sha256 request_identity(const ProvenRequest& request, std::string_view message);

}  // namespace latchkey::keyserver
