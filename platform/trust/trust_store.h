#pragma once

// The system's own trusted certificate authorities. OpenSSL's default paths know neither the
// Windows nor the macOS store, so each system has a file of its own behind this one call.

#include "base/result.h"

struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace latchkey::platform {

/// Lets `context` trust what the system trusts. Costs tens of milliseconds: call it when a
/// connection needs it, once.
Result<void> trust_system_roots(ssl_ctx_st* context);

}  // namespace latchkey::platform
