// What the kernel says of processor, memory and itself.

#include <sys/sysctl.h>
#include <sys/types.h>

#include <array>
#include <cerrno>
#include <optional>

#include "platform/hardware/hardware_cpuid.h"
#include "platform/hardware/hardware_mac.h"

namespace latchkey::platform {
namespace {

using hwid::Access;

hwid::RawText text(const char* name) {
    std::array<char, 512> value{};
    std::size_t size = value.size() - 1;
    hwid::RawText out{Access::read, {}, name};
    if (::sysctlbyname(name, value.data(), &size, nullptr, 0) == 0)
        out.value = value.data();
    else
        out.access = errno == ENOENT ? Access::absent : Access::failed;
    return out;
}

/// The kernel's numbers have four or eight bytes.
std::optional<std::uint64_t> number(const char* name) {
    std::uint64_t value = 0;  // little-endian on all of Apple's processors
    std::size_t size = sizeof value;
    if (::sysctlbyname(name, &value, &size, nullptr, 0) != 0) return std::nullopt;
    if (size != sizeof(std::uint32_t) && size != sizeof value) return std::nullopt;
    return value;
}

}  // namespace

CpuWords read_cpu() {
    CpuWords words;
    words.brand = text("machdep.cpu.brand_string");
    words.model = text("hw.model").value;
    if (const auto count = number("hw.ncpu"); count && *count > 0 && *count <= UINT16_MAX)
        words.count = static_cast<std::uint32_t>(*count);
    if (const auto guest = number("kern.hv_vmm_present")) words.is_guest = *guest != 0;
    words.is_translated = number("sysctl.proc_translated").value_or(0) == 1;
    words.processor = cpuid();
    if (words.processor.hypervisor_bit) words.hypervisor_vendor = hypervisor_vendor();
    return words;
}

hwid::Source<std::uint64_t> read_memory() {
    const auto bytes = number("hw.memsize");
    return {bytes ? Access::read : Access::failed, bytes.value_or(0), "hw.memsize"};
}

hwid::RawText read_edition() {
    auto edition = text("kern.osproductversion");
    if (edition.readable())
        edition.value = "macos " + edition.value.substr(0, edition.value.find('.'));
    return edition;
}

}  // namespace latchkey::platform
