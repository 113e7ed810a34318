#pragma once

// What the processor says by itself; all empty on other processors than x86. Internal to platform/.

#include <cstdint>
#include <optional>
#include <string>

namespace latchkey::platform {

struct Cpuid {
    std::optional<std::uint32_t> signature;
    bool hypervisor_bit = false;
};
const Cpuid& cpuid();

/// What the hypervisor calls itself. Asked only under one: without it the processor answers
/// nonsense.
std::string hypervisor_vendor();

/// "Intel(R) Core(TM) i7-10700 CPU @ 2.90GHz", as it stands in the processor.
std::string processor_name();

}  // namespace latchkey::platform
