#include "platform/hardware_linux.h"

namespace latchkey::platform {

const Cpuid& cpuid() {
    static const Cpuid nothing;
    return nothing;
}

std::string hypervisor_vendor() { return {}; }

}  // namespace latchkey::platform
