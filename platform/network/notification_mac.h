#pragma once

// Darwin's notifications (notify(3)) as a descriptor that becomes readable. The functions are
// libSystem's; the compiler's headers leave notify.h out. Internal to the macOS files of platform/.

#include "platform/unique_fd_posix.h"

namespace latchkey::platform {

/// configd says so when addresses, routes or name servers changed (kNotifySCNetworkChange).
inline constexpr const char* kNetworkChanged = "com.apple.system.config.network_change";

/// Four bytes for each notification of that name; they may be read unseen. Invalid where there is
/// no such thing. The registration stays for the life of the process.
UniqueFd open_notifications(const char* name);

}  // namespace latchkey::platform
