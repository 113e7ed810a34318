#include "platform/words.h"

namespace latchkey::platform {

std::string_view start_command() { return "launchctl kickstart system/org.latchkey.agent"; }

}  // namespace latchkey::platform
