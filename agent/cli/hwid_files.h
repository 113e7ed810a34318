#pragma once

// Where `latchkey hwid` takes its snapshots from: this machine, or files.

#include <string>

#include "agent/cli/console.h"
#include "base/result.h"
#include "hwid/component.h"

namespace latchkey::cli {

/// This machine now. Says on standard error what could not be read, and what would help.
hwid::Snapshot capture_this_machine(Console& console);

/// A snapshot file, "-" for standard input. Fails with Code::input_unreadable, naming the file.
Result<hwid::Snapshot> load_snapshot(const std::string& file, Console& console);
Result<std::string> load_text(const std::string& file, Console& console);

}  // namespace latchkey::cli
