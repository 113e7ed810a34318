#pragma once

// The proxy that is set for the whole machine, where a system knows such a thing; services see no
// user's settings. And its text, which is Windows' and is understood on every system.

#include <string>
#include <string_view>

namespace latchkey::platform {

struct MachineProxy {
    std::string servers;  ///< "proxy:8080" or "http=a:80;https=b:8080"; empty: none is set
    std::string bypass;   ///< "*.example.org;<local>": who is reached without it
};

/// Asks the system; costs next to nothing. Nothing set, or not readable: none.
MachineProxy machine_proxy();

/// The one of `servers` that https goes through, "HOST:PORT" (80 where none is named); empty: none.
std::string https_proxy_of(std::string_view servers);

/// Does `bypass` name `host`? Entries stand between ';' or blanks: names with '*' anywhere, with a
/// scheme in front or a port behind, and "<local>" for names without a dot.
bool is_bypassed(std::string_view bypass, std::string_view host, std::string_view port);

}  // namespace latchkey::platform
