#pragma once

// The system's own log, where lines carry fields that administrators select by.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace latchkey::platform {

enum class LogPriority : std::uint8_t { critical, error, warning, info, debug };

struct LogField {
    std::string name;  ///< upper case letters, digits and '_': "LATCHKEY_PRODUCT"
    std::string value;
};

class SystemLog {
public:
    virtual ~SystemLog() = default;
    /// One entry. False where it could not be handed over; standard error is the place for it then.
    /// Any thread. Never blocks.
    virtual bool write(LogPriority priority, std::string_view message,
                       std::span<const LogField> fields) = 0;
};

/// The log that this process's standard error goes to; nullptr where that is a file, a terminal or
/// somebody else's pipe.
std::unique_ptr<SystemLog> system_log();

}  // namespace latchkey::platform
