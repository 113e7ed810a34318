#pragma once

// Who is at the other end of a connected Unix socket, as the kernel remembers it from connect (for
// the client: from listen). Internal to the POSIX files of platform/.

#include <sys/types.h>

#include <optional>
#include <vector>

namespace latchkey::platform {

struct PeerCredentials {
    uid_t uid = 0;
    gid_t gid = 0;
    pid_t pid = -1;
};

std::optional<PeerCredentials> peer_credentials(int socket);

/// Supplementary groups.
struct PeerGroups {
    std::vector<gid_t> groups;
    bool complete = true;  ///< false: there may be more than the kernel carries (macOS: sixteen)
};

/// None where the kernel cannot tell (Linux before 4.13).
PeerGroups peer_groups(int socket);

}  // namespace latchkey::platform
