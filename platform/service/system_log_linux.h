#pragma once

// journald's native protocol (systemd, "Native Journal Protocol") without libsystemd: one datagram
// an entry. Internal to the Linux files of platform/.

#include "platform/service/system_log.h"
#include "platform/unique_fd_posix.h"

namespace latchkey::platform {

/// NAME=value lines; a value with line breaks goes with its length in front. What is no field name
/// is left out, as journald would do.
std::string journal_datagram(LogPriority priority, std::string_view message,
                             std::span<const LogField> fields);

/// Is the file behind `fd` the one that `journal_stream` ("device:inode", from JOURNAL_STREAM)
/// names?
bool is_journal_stream(int fd, std::string_view journal_stream);

class Journal final : public SystemLog {
public:
    explicit Journal(std::string socket);
    bool write(LogPriority priority, std::string_view message,
               std::span<const LogField> fields) override;

private:
    std::string socket_;
    UniqueFd fd_;
};

}  // namespace latchkey::platform
