#include <cpuid.h>

#include <array>
#include <cstring>

#include "platform/hardware/hardware_cpuid.h"

namespace latchkey::platform {
namespace {

constexpr unsigned kHypervisorBit = 1u << 31;     // leaf 1, ECX
constexpr unsigned kHypervisorLeaf = 0x40000000;  // vendor in EBX, ECX, EDX
constexpr unsigned kFirstNameLeaf = 0x80000002;   // three of sixteen bytes each
constexpr unsigned kLastNameLeaf = 0x80000004;

Cpuid ask() {
    Cpuid found;
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) == 0) return found;
    found.signature = eax;
    found.hypervisor_bit = (ecx & kHypervisorBit) != 0;
    return found;
}

}  // namespace

const Cpuid& cpuid() {
    static const Cpuid answer = ask();
    return answer;
}

std::string hypervisor_vendor() {
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    __cpuid(kHypervisorLeaf, eax, ebx, ecx, edx);
    const std::array<unsigned, 3> words{ebx, ecx, edx};
    std::string vendor(sizeof words, '\0');
    std::memcpy(vendor.data(), words.data(), sizeof words);
    return vendor;
}

std::string processor_name() {
    std::string name;
    for (unsigned leaf = kFirstNameLeaf; leaf <= kLastNameLeaf; ++leaf) {
        std::array<unsigned, 4> words{};
        if (__get_cpuid(leaf, &words[0], &words[1], &words[2], &words[3]) == 0) return {};
        name.append(reinterpret_cast<const char*>(words.data()), sizeof words);
    }
    return name.substr(0, name.find('\0'));
}

}  // namespace latchkey::platform
