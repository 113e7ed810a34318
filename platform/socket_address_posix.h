#pragma once

// A Unix socket's address. A leading '@' (systemd's spelling) or NUL names an abstract one (Linux).

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>
#include <optional>
#include <string_view>

namespace latchkey::platform {

struct SocketAddress {
    sockaddr_un address{};
    socklen_t size = 0;
    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }
};

/// nullopt where the system has no room for so long a path (108 bytes on Linux, 104 on macOS).
inline std::optional<SocketAddress> socket_address(std::string_view path, bool allow_abstract) {
    SocketAddress result;
    if (path.empty() || path.size() >= sizeof result.address.sun_path) return std::nullopt;
    result.address.sun_family = AF_UNIX;
    std::memcpy(result.address.sun_path, path.data(), path.size());
    const bool abstract = allow_abstract && path.front() == '@';
    if (abstract) result.address.sun_path[0] = '\0';
    result.size =
        static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (abstract ? 0 : 1));
    return result;
}

}  // namespace latchkey::platform
