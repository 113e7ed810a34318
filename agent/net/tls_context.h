#pragma once

// What the agent demands of TLS: 1.3, or 1.2 with an AEAD suite (inspecting proxies), the server's
// name checked. The CA certificates cost tens of milliseconds, so they are loaded when the first
// connection needs them, and kept.

#include <boost/asio/ssl/context.hpp>

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "base/result.h"

namespace latchkey::net {

class TlsContexts {
public:
    /// The context that trusts `ca_file` (PEM) alone, or the system's roots where it is empty.
    /// Fails with Code::tls_untrusted when they cannot be loaded. A file that changed is loaded
    /// again.
    Result<std::shared_ptr<boost::asio::ssl::context>> get(const std::string& ca_file);

private:
    struct Loaded {
        std::shared_ptr<boost::asio::ssl::context> context;
        std::filesystem::file_time_type written;
    };
    std::map<std::string, Loaded> loaded_;
};

/// What was wrong with the peer's certificate, filled in while the handshake runs.
struct CertificateTrouble {
    int error = 0;       ///< X509_V_ERR_*; 0: none
    std::string issuer;  ///< who signed the certificate that failed
    std::string reason() const;
};

/// Prepares one connection: SNI, the name to check, and where to note trouble. `trouble` outlives
/// the handshake.
void expect_server(SSL* ssl, const std::string& host, CertificateTrouble& trouble);

}  // namespace latchkey::net
