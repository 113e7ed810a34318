#include <sys/socket.h>
#include <sys/ucred.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>

#include "platform/peercred_posix.h"

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

/// The kernel carries sixteen at most; membership that comes by nested or further groups is
/// opendirectoryd's to know, which nobody asks here.
std::vector<gid_t> peer_groups(int socket) {
    xucred found{};
    socklen_t size = sizeof found;
    if (::getsockopt(socket, SOL_LOCAL, LOCAL_PEERCRED, &found, &size) != 0 ||
        found.cr_version != XUCRED_VERSION)
        return {};
    const int count = std::clamp(static_cast<int>(found.cr_ngroups), 0, NGROUPS);
    return {found.cr_groups, found.cr_groups + count};
}

}  // namespace latchkey::platform
