#include <unistd.h>

#include "platform/terminal.h"

namespace latchkey::platform {

bool errors_are_watched() { return ::isatty(STDERR_FILENO) == 1; }

}  // namespace latchkey::platform
