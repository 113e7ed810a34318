#include <charconv>

#include "keyserver/http/http_server.h"

namespace latchkey::keyserver {

Result<ListenAddress> parse_listen_address(std::string_view text) {
    const auto refuse = [&] {
        return fail(Code::usage, "\"" + std::string(text) +
                                     "\" is not HOST:PORT (an IPv6 address stands in brackets)");
    };
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) return refuse();
    std::string_view host = text.substr(0, colon);
    const std::string_view digits = text.substr(colon + 1);
    if (host.front() == '[') {
        if (host.back() != ']' || host.size() < 4) return refuse();
        host = host.substr(1, host.size() - 2);
    } else if (host.find(':') != std::string_view::npos) {
        return refuse();
    }
    ListenAddress address{std::string(host), 0};
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
    if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size())
        return refuse();
    return address;
}

std::string to_text(const ListenAddress& address) {
    const bool v6 = address.host.find(':') != std::string::npos;
    return (v6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

}  // namespace latchkey::keyserver
