#pragma once

// Reads what `ioreg -a` prints of macOS' I/O registry (an XML property list) into the shape that
// the agent's reader fills on a Mac. Link latchkey_macs.

#include <string>

#include "platform/hardware/io_registry.h"

namespace latchkey::fakes {

/// Wanted properties alone, as on a Mac. Aborts on what is no property list of entries: a broken
/// fixture is a broken test.
platform::IoForest io_forest(const std::string& plist);

/// One value's XML: "<dict>…</dict>", "<data>AAEC</data>".
platform::IoValue io_value(const std::string& xml);

}  // namespace latchkey::fakes
