#include "platform/words.h"

namespace latchkey::platform {

std::string_view start_command() { return "systemctl start latchkeyd"; }

}  // namespace latchkey::platform
