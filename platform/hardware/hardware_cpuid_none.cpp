#include "platform/hardware/hardware_cpuid.h"

namespace latchkey::platform {

const Cpuid& cpuid() {
    static const Cpuid nothing;
    return nothing;
}

std::string hypervisor_vendor() { return {}; }

std::string processor_name() { return {}; }

}  // namespace latchkey::platform
