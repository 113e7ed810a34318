#pragma once

// Which proxy stands between us and a host: none, one named by URL, or what the service's
// environment says (https_proxy, no_proxy), as every Unix program understands it, or the machine's
// own setting.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace latchkey::net {

struct HostPort {
    std::string host;  ///< a name or an address, without brackets
    std::string port;

    std::string text() const;  ///< "host:port", brackets around an IPv6 address
    friend bool operator==(const HostPort&, const HostPort&) = default;
};

/// Reads "https://host[:port]" or "http://host[:port]"; nothing may follow but one '/'. Fails with
/// Code::config_invalid.
Result<HostPort> parse_origin(std::string_view url, std::string_view scheme,
                              std::string_view default_port);

/// What a "system" proxy is read from: the variables, and where those name none, the machine's own
/// setting (platform/settings/machine_proxy.h).
struct ProxyEnvironment {
    std::string https_proxy;
    std::string no_proxy;
    std::string machine_proxy = {};
    std::string machine_bypass = {};
};
ProxyEnvironment proxy_environment();

/// `setting` is "system", "none", empty (as "system") or a URL. nullopt: connect directly.
Result<std::optional<HostPort>> proxy_for(std::string_view setting, const HostPort& server,
                                          const ProxyEnvironment& environment);

}  // namespace latchkey::net
