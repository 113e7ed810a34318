#include "platform/settings/machine_proxy.h"

namespace latchkey::platform {

/// Here the service's environment is where an administrator sets one.
MachineProxy machine_proxy() { return {}; }

}  // namespace latchkey::platform
