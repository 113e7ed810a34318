#include "platform/system_parts.h"

namespace latchkey::platform {

std::vector<std::string> missing_system_parts() { return {}; }

}  // namespace latchkey::platform
