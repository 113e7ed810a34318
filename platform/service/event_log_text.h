#pragma once

// How an entry of the log becomes one of the Windows Event Log's: its number, and the strings that
// stand in its message. The numbers are a contract (docs/windows.md): more may come, none changes
// its meaning. Pure; the text of every number is in events.mc.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "platform/service/system_log.h"

namespace latchkey::platform {

struct EventNumber {
    std::uint16_t id = 0;
    std::string_view event;  ///< of LATCHKEY_EVENT
};

/// Those of the events; docs/windows.md has the others, which go by level.
std::span<const EventNumber> event_numbers();

/// By the entry's event where it has a number, else as a problem with a code, else by its level.
std::uint16_t event_id(LogPriority priority, std::span<const LogField> fields);

/// Numbers from 200 are warnings, from 300 errors: a journal of events has no levels, the Event Log
/// is read by them.
LogPriority event_level(LogPriority priority, std::uint16_t id);

/// As many as %1, %2, … of each message in events.mc: the line, then NAME=value of the agent's own
/// fields in their order, then empty ones.
using EventStrings = std::array<std::string, 5>;
EventStrings event_strings(std::string_view message, std::span<const LogField> fields);

}  // namespace latchkey::platform
