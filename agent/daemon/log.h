#pragma once

// The agent's log: one line an event on stderr, with journald's priority prefix where the journal
// reads it. A full disk or a closed pipe never stops the agent. Never hand it a key, a raw serial
// or a digest.

#include <spdlog/spdlog.h>

#include "agent/daemon/config.h"

namespace latchkey::daemon {

/// Sets up spdlog's default logger. Call once, first thing.
void start_log(LogLevel level);
void set_log_level(LogLevel level);

/// Text of others made safe for one log line: control characters become '?', long text is cut.
std::string printable(std::string_view text);

}  // namespace latchkey::daemon
