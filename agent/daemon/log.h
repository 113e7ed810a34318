#pragma once

// The agent's log: an entry with fields in the system's log where stderr goes there, else one line
// an event on stderr. A full disk or a closed pipe never stops the agent. Never hand it a key, a
// raw serial or a digest.

#include <spdlog/spdlog.h>

#include <string_view>
#include <vector>

#include "agent/daemon/config.h"
#include "platform/service/system_log.h"

namespace latchkey::daemon {

/// Sets up spdlog's default logger. Call once, first thing.
void start_log(LogLevel level);
void set_log_level(LogLevel level);

/// Fields of every entry while it lives: LATCHKEY_PRODUCT and the like (docs/logging.md). Empty
/// values are none. For one stretch of code on the agent's thread that waits for nothing: a
/// coroutine that stops inside it would lend them to others. The innermost counts.
class LogFields {
public:
    struct Values {
        std::string_view product;
        std::string_view publisher = {};
        std::string_view event = {};
        std::string_view code = {};  ///< the problem's, base/problem.h
    };
    explicit LogFields(const Values& values);
    LogFields(const LogFields&) = delete;
    LogFields& operator=(const LogFields&) = delete;
    ~LogFields();

    /// What an entry of this thread would have now.
    static std::vector<platform::LogField> of_this_thread();

private:
    std::vector<platform::LogField> fields_;
    const LogFields* outer_;  ///< whose turn it is again afterwards
};

/// Text of others made safe for one log line: control characters become '?', long text is cut.
std::string printable(std::string_view text);

}  // namespace latchkey::daemon
