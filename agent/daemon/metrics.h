#pragma once

// Status as OpenMetrics text, for collectors.

#include <string>

#include "agent/localapi/contract.h"

namespace latchkey::daemon {

std::string metrics_text(const localapi::StatusView& view);

}  // namespace latchkey::daemon
