#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "platform/endpoint/peercred_posix.h"

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59  // Linux 4.13; older C library headers do not name it
#endif

namespace latchkey::platform {

std::optional<PeerCredentials> peer_credentials(int socket) {
    ucred found{};
    socklen_t size = sizeof found;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &found, &size) != 0) return std::nullopt;
    return PeerCredentials{found.uid, found.gid, found.pid};
}

PeerGroups peer_groups(int socket) {
    std::vector<gid_t> groups(32);
    for (;;) {
        auto size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
        const bool fits =
            ::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) == 0;
        const std::size_t needed = size / sizeof(gid_t);
        if (!fits && (errno != ERANGE || needed <= groups.size())) return {};
        groups.resize(needed);
        if (fits) return {std::move(groups), true};
    }
}

}  // namespace latchkey::platform
