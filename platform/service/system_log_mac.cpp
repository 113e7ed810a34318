#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "platform/service/syslog_line.h"
#include "platform/service/system_log.h"

namespace latchkey::platform {
namespace {

/// The unified log forgets what is below LOG_NOTICE within minutes, and news of a licence is to
/// stay.
int level_of(LogPriority priority) {
    switch (priority) {
        case LogPriority::critical:
            return LOG_CRIT;
        case LogPriority::error:
            return LOG_ERR;
        case LogPriority::warning:
            return LOG_WARNING;
        case LogPriority::info:
            return LOG_NOTICE;
        case LogPriority::debug:
            return LOG_DEBUG;
    }
    return LOG_NOTICE;
}

class UnifiedLog final : public SystemLog {
public:
    UnifiedLog() { ::openlog("latchkeyd", LOG_PID, LOG_DAEMON); }
    bool write(LogPriority priority, std::string_view message,
               std::span<const LogField> fields) override {
        ::syslog(level_of(priority), "%s", syslog_line(message, fields).c_str());
        return true;
    }
};

/// What launchd gives a service whose property list names no file.
bool nobody_reads(int fd) {
    struct stat file {};
    struct stat null {};
    return ::fstat(fd, &file) == 0 && ::stat("/dev/null", &null) == 0 && S_ISCHR(file.st_mode) &&
           file.st_rdev == null.st_rdev;
}

}  // namespace

/// macOS takes syslog(3) into its unified log: 'log show --predicate process == "latchkeyd"'.
std::unique_ptr<SystemLog> system_log() {
    if (!nobody_reads(STDERR_FILENO)) return nullptr;
    return std::make_unique<UnifiedLog>();
}

}  // namespace latchkey::platform
