#pragma once

// The process's own standard streams as a Console. Output is collected and written in one call.

#include <memory>

#include "agent/cli/console.h"

namespace latchkey::cli {

std::unique_ptr<Console> system_console();

/// False where the user asked for none (NO_COLOR, https://no-color.org) or the terminal has none.
bool environment_allows_color();

}  // namespace latchkey::cli
