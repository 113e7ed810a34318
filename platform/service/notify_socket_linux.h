#pragma once

// systemd's notify protocol (sd_notify(3)) without libsystemd: one datagram a message. Internal to
// the Linux files of platform/.

#include <string>
#include <string_view>

#include "platform/unique_fd_posix.h"

namespace latchkey::platform {

class NotifySocket {
public:
    /// `address` as in NOTIFY_SOCKET: a path, or '@' and a name; empty makes every send quiet.
    explicit NotifySocket(std::string address);

    /// Newline-separated assignments. Nobody listening is no error: the manager may be gone.
    void send(std::string_view message) const;

private:
    std::string address_;
    UniqueFd fd_;
};

}  // namespace latchkey::platform
