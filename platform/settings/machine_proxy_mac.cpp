#include "platform/settings/proxy_values_mac.h"

namespace latchkey::platform {

/// What System Settings, networksetup or a profile set for the network that is in use. A script or
/// address that is to find one (PAC) is not followed: whoever answered first would choose a
/// service's way.
MachineProxy machine_proxy() {
    using CopyProxies = CfType(CfType store);
    static CopyProxies* copy = nullptr;
    static const bool there =
        find_symbol(open_framework("SystemConfiguration"), "SCDynamicStoreCopyProxies", copy);
    const CoreFoundation* const cf = core_foundation();
    if (cf == nullptr || !there) return {};
    const CfRef set(copy(nullptr));
    return proxy_values(*cf, set.get());
}

}  // namespace latchkey::platform
