#include "platform/system_parts.h"

#include "platform/core_foundation_mac.h"
#include "platform/security_mac.h"
#include "platform/settings/machine_proxy.h"

namespace latchkey::platform {

std::vector<std::string> missing_system_parts() {
    core_foundation();
    security();
    machine_proxy();
    return symbols_not_found();
}

}  // namespace latchkey::platform
