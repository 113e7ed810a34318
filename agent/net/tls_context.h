#pragma once

// What the agent demands of TLS: 1.3, or 1.2 with an AEAD suite (inspecting proxies), the server's
// name checked. The CA certificates cost tens of milliseconds, so they are loaded when the first
// connection needs them, and kept.

#include <boost/asio/ssl/context.hpp>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace latchkey::net {

class TlsContexts {
public:
    /// The context that trusts `ca_file` (PEM) alone, or the system's roots where it is empty.
    /// Fails with Code::config_invalid where the file cannot be used, with Code::tls_untrusted
    /// where the system has no roots. A file that changed is loaded again.
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
    std::shared_ptr<X509> certificate;
    std::shared_ptr<STACK_OF(X509)> chain;  ///< what came with it
    std::optional<ServerTime> passed;       ///< given: what is proven to have passed

    bool is_unknown_issuer() const;
    std::string reason() const;
};

/// True where a client that trusts the system's roots would take that certificate for `host`. Reads
/// them anew.
bool is_good_for_the_system(const CertificateTrouble& trouble, const std::string& host);

/// Prepares one connection: SNI, the name to check, and where to note trouble. `trouble` outlives
/// the handshake.
void expect_server(SSL* ssl, const std::string& host, CertificateTrouble& trouble);

/// Who issued the certificate that the peer showed; printable. After the handshake.
std::string issuer_of_peer(SSL* ssl);

}  // namespace latchkey::net
