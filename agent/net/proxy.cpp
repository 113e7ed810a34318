#include "agent/net/proxy.h"

#include <algorithm>
#include <cstdlib>

#include "platform/settings/machine_proxy.h"

namespace latchkey::net {
namespace {

constexpr std::size_t kMaxHost = 255;

bool is_port(std::string_view text) {
    return !text.empty() && text.size() <= 5 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_host(std::string_view text) {
    const auto good = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '-' || c == ':' || c == '_';
    };
    return !text.empty() && text.size() <= kMaxHost && std::all_of(text.begin(), text.end(), good);
}

std::string environment(const char* lower, const char* upper) {
    for (const char* variable : {lower, upper})
        if (const char* value = std::getenv(variable); value != nullptr && *value != '\0')
            return value;
    return {};
}

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

/// One entry of no_proxy: "*", a host, or a domain with everything below it.
bool excludes(std::string_view entry, std::string_view host) {
    entry = trimmed(entry);
    if (entry == "*") return true;
    if (entry.starts_with('.')) entry.remove_prefix(1);
    if (entry.empty() || !host.ends_with(entry)) return false;
    return host.size() == entry.size() || host[host.size() - entry.size() - 1] == '.';
}

bool is_excluded(std::string_view no_proxy, std::string_view host) {
    while (!no_proxy.empty()) {
        const auto comma = no_proxy.find(',');
        if (excludes(no_proxy.substr(0, comma), host)) return true;
        no_proxy = comma == std::string_view::npos ? "" : no_proxy.substr(comma + 1);
    }
    return false;
}

}  // namespace

std::string HostPort::text() const {
    return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + port;
}

Result<HostPort> parse_origin(std::string_view url, std::string_view scheme,
                              std::string_view default_port) {
    const auto refuse = [&] {
        return fail(Code::config_invalid,
                    "not an address of the form " + std::string(scheme) + "HOST[:PORT]");
    };
    if (!url.starts_with(scheme)) return refuse();
    std::string_view rest = url.substr(scheme.size());
    if (rest.ends_with('/')) rest.remove_suffix(1);
    HostPort origin{"", std::string(default_port)};
    if (rest.starts_with('[')) {
        const auto end = rest.find(']');
        if (end == std::string_view::npos) return refuse();
        origin.host = rest.substr(1, end - 1);
        rest.remove_prefix(end + 1);
    } else {
        origin.host = rest.substr(0, rest.find(':'));
        rest.remove_prefix(origin.host.size());
    }
    if (rest.starts_with(':'))
        origin.port = rest.substr(1);
    else if (!rest.empty())
        return refuse();
    if (!is_host(origin.host) || !is_port(origin.port)) return refuse();
    return origin;
}

ProxyEnvironment proxy_environment() {
    auto machine = platform::machine_proxy();
    return {environment("https_proxy", "HTTPS_PROXY"), environment("no_proxy", "NO_PROXY"),
            platform::https_proxy_of(machine.servers), std::move(machine.bypass)};
}

Result<std::optional<HostPort>> proxy_for(std::string_view setting, const HostPort& server,
                                          const ProxyEnvironment& environment) {
    if (setting == "none") return std::optional<HostPort>();
    std::string url(setting);
    if (setting.empty() || setting == "system") {
        url = environment.https_proxy;
        if (url.empty() &&
            !platform::is_bypassed(environment.machine_bypass, server.host, server.port))
            url = environment.machine_proxy;
        if (url.empty() || is_excluded(environment.no_proxy, server.host))
            return std::optional<HostPort>();
        if (url.find("://") == std::string::npos) url = "http://" + url;
    }
    auto proxy = parse_origin(url, "http://", "3128");
    if (!proxy) return fail(Code::config_invalid, "proxy: " + proxy.error().detail);
    return std::optional(std::move(*proxy));
}

}  // namespace latchkey::net
