#include "platform/words.h"

namespace latchkey::platform {

/// With its ending, because PowerShell has another command of the same name.
std::string_view start_command() { return "sc.exe start Latchkey"; }

}  // namespace latchkey::platform
