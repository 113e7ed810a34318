#include <sys/socket.h>
#include <sys/ucred.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>

#include "platform/endpoint/peercred_posix.h"

namespace latchkey::platform {

std::optional<PeerCredentials> peer_credentials(int socket) {
    PeerCredentials found;
    if (::getpeereid(socket, &found.uid, &found.gid) != 0) return std::nullopt;
    pid_t pid = -1;
    socklen_t size = sizeof pid;
    // For messages alone; a process that is gone has none.
    if (::getsockopt(socket, SOL_LOCAL, LOCAL_PEERPID, &pid, &size) == 0) found.pid = pid;
    return found;
}

/// An administrator of a Mac as it comes is in about sixteen groups already, and the kernel carries
/// no more: accounts_posix.h knows the rest.
PeerGroups peer_groups(int socket) {
    xucred found{};
    socklen_t size = sizeof found;
    if (::getsockopt(socket, SOL_LOCAL, LOCAL_PEERCRED, &found, &size) != 0 ||
        found.cr_version != XUCRED_VERSION)
        return {{}, false};
    const int count = std::clamp(static_cast<int>(found.cr_ngroups), 0, NGROUPS);
    return {{found.cr_groups, found.cr_groups + count}, count < NGROUPS};
}

}  // namespace latchkey::platform
