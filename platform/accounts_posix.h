#pragma once

// What the system's account directory says. Internal to the POSIX files of platform/.

#include <sys/types.h>

#include <optional>
#include <string>

namespace latchkey::platform {

/// Is it a service that may ask a server far away, so that the calls below may block for long?
bool is_directory_slow();

std::optional<std::string> name_of_account(uid_t user);

/// Beyond what the kernel says of a peer (peercred_posix.h), which on Linux is all there is.
bool is_further_member(uid_t user, gid_t group);

}  // namespace latchkey::platform
