#pragma once

// What launchctl prints, understood as far as the status needs it. Its text is no interface (so
// says launchctl(1)), so only the two lines that have stayed the same since OS X 10.10 are read.
// Pure.

#include <string_view>

namespace latchkey::service_install {

/// Of 'launchctl print system/LABEL': does the service itself run? What it says of endpoints and
/// instances below it does not count.
bool says_running(std::string_view printed);

/// Of 'launchctl print-disabled system': did somebody disable that service? The word was "true"
/// before macOS 12.
bool says_disabled(std::string_view printed, std::string_view label);

}  // namespace latchkey::service_install
