#pragma once

// The processor and the hypervisor it admits to.

#include <vector>

#include "hwid/component.h"
#include "hwid/raw.h"

namespace latchkey::hwid {

/// cpu_model, cpu_signature (CPUID leaf 1 EAX as eight hexadecimal digits), cpu_count and
/// hypervisor ("none" where the processor reports none).
std::vector<Component> parse_cpu(const RawCpu& cpu, const RawText& hypervisor_type);

}  // namespace latchkey::hwid
