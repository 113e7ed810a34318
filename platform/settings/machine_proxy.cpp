#include "platform/settings/machine_proxy.h"

#include <algorithm>

namespace latchkey::platform {
namespace {

constexpr std::string_view kBetween = "; \t\r\n";
constexpr std::string_view kHttps = "https";
constexpr std::string_view kDefaultPort = ":80";

/// Takes the next entry off `list`; empty at its end.
std::string_view next_entry(std::string_view& list) {
    list.remove_prefix(std::min(list.size(), list.find_first_not_of(kBetween)));
    const auto entry = list.substr(0, list.find_first_of(kBetween));
    list.remove_prefix(entry.size());
    return entry;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

/// '*' stands for any run of characters. Goes back to the last '*' alone, so it takes no longer
/// than the product of both lengths.
bool matches(std::string_view pattern, std::string_view text) {
    std::size_t at = 0;
    std::size_t in = 0;
    std::size_t star = std::string_view::npos;
    std::size_t from = 0;
    while (in < text.size()) {
        if (at < pattern.size() && pattern[at] == '*') {
            star = at++;
            from = in;
        } else if (at < pattern.size() && lower(pattern[at]) == lower(text[in])) {
            ++at;
            ++in;
        } else if (star != std::string_view::npos) {
            at = star + 1;
            in = ++from;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

/// Where the port begins: the last ':', but not one of an IPv6 address.
std::size_t port_of(std::string_view entry) {
    const auto colon = entry.rfind(':');
    if (colon == std::string_view::npos) return entry.size();
    if (entry.starts_with('[')) return entry[colon - 1] == ']' ? colon : entry.size();
    return entry.find(':') == colon ? colon : entry.size();
}

std::string_view without_scheme(std::string_view entry) {
    const auto scheme = entry.find("://");
    return scheme == std::string_view::npos ? entry : entry.substr(scheme + 3);
}

std::string with_port(std::string_view entry) {
    entry = without_scheme(entry);
    if (entry.ends_with('/')) entry.remove_suffix(1);
    std::string proxy(entry);
    if (!proxy.empty() && port_of(entry) == entry.size()) proxy += kDefaultPort;
    return proxy;
}

bool is_bypassed_by(std::string_view entry, std::string_view host, std::string_view port) {
    if (same(entry, "<local>")) return host.find_first_of(".:") == std::string_view::npos;
    if (const auto scheme = entry.find("://"); scheme != std::string_view::npos) {
        if (!same(entry.substr(0, scheme), kHttps)) return false;
        entry.remove_prefix(scheme + 3);
    }
    const auto end = port_of(entry);
    if (end < entry.size() && !matches(entry.substr(end + 1), port)) return false;
    entry = entry.substr(0, end);
    if (entry.starts_with('[') && entry.ends_with(']')) entry = entry.substr(1, entry.size() - 2);
    return !entry.empty() && matches(entry, host);
}

}  // namespace

std::string https_proxy_of(std::string_view servers) {
    std::string_view for_all;
    for (auto entry = next_entry(servers); !entry.empty(); entry = next_entry(servers)) {
        const auto equals = entry.find('=');
        if (equals == std::string_view::npos) {
            if (for_all.empty()) for_all = entry;
        } else if (same(entry.substr(0, equals), kHttps)) {
            return with_port(entry.substr(equals + 1));
        }
    }
    return with_port(for_all);
}

bool is_bypassed(std::string_view bypass, std::string_view host, std::string_view port) {
    for (auto entry = next_entry(bypass); !entry.empty(); entry = next_entry(bypass))
        if (is_bypassed_by(entry, host, port)) return true;
    return false;
}

}  // namespace latchkey::platform
