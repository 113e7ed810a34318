#include "hwid/memory.h"

#include "hwid/smbios.h"
#include "hwid/text.h"

namespace latchkey::hwid {
namespace {

constexpr std::uint64_t kMostMegabytes = 1ull << 40;

/// Type 17: a 16-bit size in MB, or in KB with bit 15; 0x7FFF leads to a 31-bit size in MB.
std::optional<std::uint64_t> module_size_mb(const SmbiosStructure& s) {
    constexpr std::uint16_t kUnknown = 0xFFFF;
    constexpr std::uint16_t kExtended = 0x7FFF;
    constexpr std::uint16_t kInKilobytes = 0x8000;
    const auto size = s.word(0x0C);
    if (!size || *size == 0 || *size == kUnknown) return std::nullopt;
    if (*size == kExtended) {
        const auto extended = s.dword(0x1C);
        if (!extended) return std::nullopt;
        return *extended & 0x7FFFFFFFu;
    }
    if (*size & kInKilobytes) return (*size & 0x7FFFu) / 1024;
    return *size;
}

std::optional<std::uint64_t> mem_total_mb(std::string_view meminfo) {
    while (!meminfo.empty()) {
        std::string_view line = take_until(meminfo, '\n');
        if (!line.starts_with("MemTotal:")) continue;
        line = trim(line.substr(std::string_view("MemTotal:").size()));
        if (line.ends_with("kB")) line.remove_suffix(2);
        if (const auto kb = decimal(line)) return *kb / 1024;
    }
    return std::nullopt;
}

}  // namespace

std::vector<Component> memory_modules(const std::vector<SmbiosStructure>& structures) {
    std::vector<Component> out;
    for (const auto& s : structures) {
        if (s.type != 17) continue;
        const auto size = module_size_mb(s);
        if (!size || *size == 0) continue;  // an empty slot
        Component module{Kind::memory_module,
                         clean_text(s.text(0x18)),
                         clean_text(s.text(0x10)),
                         {{"size_mb", std::to_string(*size)}},
                         State::present};
        if (std::string part = clean_text(s.text(0x1A)); !part.empty()) {
            module.attributes.emplace("part", std::move(part));
        }
        if (module.slot.empty()) module.slot = "dimm" + std::to_string(out.size());
        out.push_back(std::move(module));
        if (out.size() == kMaxComponents) break;
    }
    return out;
}

std::optional<Component> memory_total(const std::vector<Component>& components,
                                      const RawText& meminfo, const Source<std::uint64_t>& bytes) {
    constexpr std::uint64_t kMegabyte = 1u << 20;
    std::uint64_t total = 0;
    for (const auto& component : components) {
        if (component.kind != Kind::memory_module) continue;
        total += decimal(component.attribute("size_mb")).value_or(0);
    }
    if (total == 0 && meminfo.readable()) total = mem_total_mb(meminfo.value).value_or(0);
    if (total == 0 && bytes.readable()) total = bytes.value / kMegabyte;
    if (total == 0 || total > kMostMegabytes) return std::nullopt;
    return Component{Kind::memory_total_mb, std::to_string(total), "", {}, State::present};
}

}  // namespace latchkey::hwid
