#pragma once

// An entry of the log as one line, for a log that knows no fields. Pure.

#include <span>
#include <string>
#include <string_view>

#include "platform/service/system_log.h"

namespace latchkey::platform {

/// "activated suite [LATCHKEY_EVENT=activated LATCHKEY_PRODUCT=suite]": the agent's own fields in
/// their order; line breaks and other controls become blanks.
std::string syslog_line(std::string_view message, std::span<const LogField> fields);

}  // namespace latchkey::platform
