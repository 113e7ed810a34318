#pragma once

// What a connection met on its way to a key server, for whoever looks for trouble.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/net/proxy.h"

namespace latchkey::net {

/// How far it came: each step needs the one before.
enum class Reached : std::uint8_t {
    nothing,  ///< the setting itself is wrong
    address,  ///< it is known where to go and through which proxy
    name,     ///< the first host's name is resolved
    host,     ///< connected, through the proxy where there is one
    secured,  ///< TLS is done, the certificate believed
};

/// Filled in while the connection is made. Texts of the other side are made printable.
struct Way {
    Reached reached = Reached::nothing;
    HostPort server;
    std::optional<HostPort> proxy;
    std::vector<std::string> addresses;  ///< of the first host: the proxy's, where there is one
    std::string peer;                    ///< the address that answered
    std::string tls;                     ///< "TLSv1.3"
    std::string issuer;                  ///< who issued the server's certificate
};

}  // namespace latchkey::net
