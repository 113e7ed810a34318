#pragma once

// What SystemConfiguration says of proxies, as machine_proxy.h has it; keys as in
// SCSchemaDefinitions.h. Internal to the macOS files of platform/; tested on every system.

#include "platform/core_foundation_mac.h"
#include "platform/settings/machine_proxy.h"

namespace latchkey::platform {

/// `set` as SCDynamicStoreCopyProxies gives it; nullptr and what is no dictionary: none.
MachineProxy proxy_values(const CoreFoundation& cf, CfType set);

}  // namespace latchkey::platform
