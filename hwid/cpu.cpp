#include "hwid/cpu.h"

#include <algorithm>
#include <array>

#include "hwid/text.h"

namespace latchkey::hwid {
namespace {

/// What /proc/cpuinfo says of the first processor, and how many there are.
struct CpuInfo {
    std::string model;
    std::string arm_part;
    std::optional<std::uint64_t> family;
    std::optional<std::uint64_t> model_number;
    std::optional<std::uint64_t> stepping;
    std::uint64_t count = 0;
    bool hypervisor = false;
};

bool holds_word(std::string_view text, std::string_view word) {
    while (!text.empty()) {
        if (take_until(text, ' ') == word) return true;
    }
    return false;
}

CpuInfo read_cpuinfo(std::string_view text) {
    CpuInfo out;
    while (!text.empty()) {
        std::string_view value = take_until(text, '\n');
        const std::string_view key = trim(take_until(value, ':'));
        value = trim(value);
        if (key == "processor" && decimal(value)) ++out.count;
        if (key == "model name" && out.model.empty()) out.model = fold_spaces(clean_text(value));
        if (key == "cpu family" && !out.family) out.family = decimal(value);
        if (key == "model" && !out.model_number) out.model_number = decimal(value);
        if (key == "stepping" && !out.stepping) out.stepping = decimal(value);
        if (key == "flags" && !out.hypervisor) out.hypervisor = holds_word(value, "hypervisor");
        if (key == "CPU implementer" && out.arm_part.empty()) out.arm_part = clean_text(value);
        if (key == "CPU part" && out.arm_part.find(' ') == std::string::npos) {
            out.arm_part += " " + clean_text(value);
        }
    }
    return out;
}

/// Folds family, model and stepping back into CPUID's EAX (extended fields in bits 16 to 27).
std::optional<std::uint32_t> signature_of(const CpuInfo& info) {
    if (!info.family || !info.model_number || !info.stepping) return std::nullopt;
    constexpr std::uint64_t kMostFamily = 0xF + 0xFF;
    if (*info.family > kMostFamily || *info.model_number > 0xFF || *info.stepping > 0xF) {
        return std::nullopt;
    }
    const std::uint64_t base = std::min<std::uint64_t>(*info.family, 0xF);
    return static_cast<std::uint32_t>((*info.family - base) << 20 |
                                      (*info.model_number >> 4) << 16 | base << 8 |
                                      (*info.model_number & 0xF) << 4 | *info.stepping);
}

std::string hex8(std::uint32_t value) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    for (int shift = 28; shift >= 0; shift -= 4) out += kDigits[value >> shift & 15];
    return out;
}

struct Vendor {
    std::string_view cpuid;
    std::string_view name;
};

constexpr auto kVendors = std::to_array<Vendor>({
    {"KVMKVMKVM", "kvm"},
    {"TCGTCGTCGTCG", "qemu"},
    {"Microsoft Hv", "microsoft"},
    {"VMwareVMware", "vmware"},
    {"XenVMMXenVMM", "xen"},
    {"VBoxVBoxVBox", "virtualbox"},
    {"prl hyperv", "parallels"},
    {"lrpepyh vr", "parallels"},
    {"bhyve bhyve", "bhyve"},
    {"ACRNACRNACRN", "acrn"},
});

std::string hypervisor_of(const RawCpu& cpu, const CpuInfo& info, const RawText& type) {
    if (type.readable()) {
        if (std::string name = lower(clean_text(type.value)); !name.empty()) return name;
    }
    const std::string vendor = clean_text(cpu.hypervisor_vendor);
    for (const auto& row : kVendors) {
        if (vendor.starts_with(row.cpuid)) return std::string(row.name);
    }
    if (cpu.hypervisor_bit || info.hypervisor) return "other";
    return cpu.cpuinfo.readable() || cpu.signature ? "none" : "";
}

}  // namespace

std::vector<Component> parse_cpu(const RawCpu& cpu, const RawText& hypervisor_type) {
    CpuInfo info = cpu.cpuinfo.readable() ? read_cpuinfo(cpu.cpuinfo.value) : CpuInfo{};
    if (info.model.empty() && cpu.name.readable())
        info.model = fold_spaces(clean_text(cpu.name.value));
    if (info.count == 0) info.count = cpu.processor_count.value_or(0);
    std::vector<Component> out;
    const auto add = [&](Kind kind, std::string value) {
        if (!value.empty()) out.push_back({kind, std::move(value), "", {}, State::present});
    };
    add(Kind::cpu_model,
        !info.model.empty() || info.arm_part.empty() ? info.model : "arm " + info.arm_part);
    if (const auto signature = cpu.signature ? cpu.signature : signature_of(info)) {
        add(Kind::cpu_signature, hex8(*signature));
    }
    if (info.count) add(Kind::cpu_count, std::to_string(info.count));
    add(Kind::hypervisor, hypervisor_of(cpu, info, hypervisor_type));
    return out;
}

}  // namespace latchkey::hwid
