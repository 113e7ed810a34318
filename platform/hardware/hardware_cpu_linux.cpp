#include <charconv>

#include "platform/hardware/hardware_linux.h"
#include "platform/hardware/sysfs_linux.h"

namespace latchkey::platform {
namespace {

/// The value of the first line "NAME<tab>: VALUE"; nullopt where there is none.
std::optional<std::string_view> line_of(std::string_view cpuinfo, std::string_view name) {
    while (!cpuinfo.empty()) {
        const auto line = cpuinfo.substr(0, cpuinfo.find('\n'));
        cpuinfo.remove_prefix(std::min(cpuinfo.size(), line.size() + 1));
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        auto key = line.substr(0, colon);
        while (!key.empty() && (key.back() == '\t' || key.back() == ' ')) key.remove_suffix(1);
        if (key != name) continue;
        auto value = line.substr(colon + 1);
        while (value.starts_with(' ')) value.remove_prefix(1);
        return value;
    }
    return std::nullopt;
}

std::optional<std::uint32_t> number_of(std::string_view cpuinfo, std::string_view name,
                                       std::uint32_t max) {
    const auto text = line_of(cpuinfo, name);
    std::uint32_t value = 0;
    if (!text) return std::nullopt;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc{} || end != text->data() + text->size() || value > max)
        return std::nullopt;
    return value;
}

}  // namespace

// Intel's manual, volume 2, CPUID, figure 3-6: a family of 15 and more carries the rest in the
// extended family; the upper half of the model stands in the extended model.
std::optional<std::uint32_t> signature_of_cpuinfo(std::string_view cpuinfo) {
    const auto family = number_of(cpuinfo, "cpu family", 0xf + 0xff);
    const auto model = number_of(cpuinfo, "model", 0xff);
    const auto stepping = number_of(cpuinfo, "stepping", 0xf);
    if (!family || !model || !stepping) return std::nullopt;
    const std::uint32_t base_family = std::min<std::uint32_t>(*family, 0xf);
    return (*family - base_family) << 20 | (*model >> 4) << 16 | base_family << 8 |
           (*model & 0xf) << 4 | *stepping;
}

std::optional<bool> hypervisor_flag_of_cpuinfo(std::string_view cpuinfo) {
    const auto flags = line_of(cpuinfo, "flags");
    if (!flags) return std::nullopt;
    const std::string padded = " " + std::string(*flags) + " ";
    return padded.find(" hypervisor ") != std::string::npos;
}

hwid::RawCpu read_cpu() {
    hwid::RawCpu cpu;
    cpu.cpuinfo = read_text_file("/proc/cpuinfo", hwid::kMaxSourceBytes);
    cpu.signature = signature_of_cpuinfo(cpu.cpuinfo.value);
    const auto flag = hypervisor_flag_of_cpuinfo(cpu.cpuinfo.value);
    // The processor is asked only for what the kernel did not say: each CPUID is an exit to the
    // hypervisor.
    if (!cpu.cpuinfo.readable()) cpu.signature = cpuid().signature;
    cpu.hypervisor_bit = flag ? *flag : cpuid().hypervisor_bit;
    if (cpu.hypervisor_bit) cpu.hypervisor_vendor = hypervisor_vendor();
    return cpu;
}

hwid::RawCpu CpuSource::read() {
    const auto online = read_text_file("/sys/devices/system/cpu/online", kMaxAttributeBytes);
    const std::lock_guard lock(mutex_);
    const bool known = online.readable() && online.value == online_ && last_.cpuinfo.readable();
    if (!known) last_ = read_cpu();
    online_ = online.value;
    return last_;
}

}  // namespace latchkey::platform
