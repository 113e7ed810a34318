#include "platform/network/notification_mac.h"

#include <fcntl.h>

#include <cstdint>

extern "C" std::uint32_t notify_register_file_descriptor(const char* name, int* fd, int flags,
                                                         int* token);

namespace latchkey::platform {

UniqueFd open_notifications(const char* name) {
    constexpr std::uint32_t kOk = 0;  // NOTIFY_STATUS_OK
    int fd = -1;
    int token = -1;
    if (::notify_register_file_descriptor(name, &fd, 0, &token) != kOk) return {};
    // The library's own is not ours to close.
    UniqueFd own(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
    if (own) ::fcntl(own.get(), F_SETFL, O_NONBLOCK);
    return own;
}

}  // namespace latchkey::platform
