#include "platform/hardware/io_machine.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace latchkey::platform {
namespace {

using hwid::Access;

constexpr const char* kPlatform = "IOPlatformExpertDevice";

hwid::RawText read(std::string value, std::string origin) {
    return {Access::read, std::move(value), std::move(origin)};
}

/// Four digits of a number of PCI's; empty where there is none.
std::string pci_id(const IoValue* value) {
    const auto number = number_of(value);
    if (!number || *number > 0xffff) return {};
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "%04x", static_cast<unsigned>(*number));
    return text.data();
}

bool is_display_function(const IoEntry& entry) {
    constexpr std::uint64_t kDisplay = 0x03;
    const auto code = number_of(entry.property("class-code"));
    return code && *code >> 16 == kDisplay;
}

hwid::RawDisplay pci_display(IoPath path) {
    const IoEntry& entry = *path.back();
    hwid::RawDisplay out;
    out.slot = text_of(entry.property("pcidebug"));
    out.vendor = pci_id(entry.property("vendor-id"));
    out.device = pci_id(entry.property("device-id"));
    const std::string vendor = pci_id(entry.property("subsystem-vendor-id"));
    const std::string device = pci_id(entry.property("subsystem-id"));
    if (!vendor.empty() && !device.empty()) out.subsystem = vendor + ":" + device;
    out.removable = is_tunnelled(path);
    return out;
}

/// A driver that programs draw with, and no PCI function beneath it: a part of the processor.
bool is_own_graphics(IoPath path) {
    const IoEntry& entry = *path.back();
    return entry.property("MetalPluginName") != nullptr && entry.property("model") != nullptr &&
           std::none_of(path.begin(), path.end(),
                        [](const IoEntry* e) { return is_display_function(*e); });
}

hwid::RawDisplay own_graphics(const IoEntry& entry) {
    hwid::RawDisplay out;
    out.slot = entry.name;
    out.name = text_of(entry.property("model"));
    // One chip is sold with different numbers of them at work.
    if (const auto cores = number_of(entry.property("gpu-core-count")))
        out.name += ", " + std::to_string(*cores) + " cores";
    return out;
}

struct Field {
    const char* field;
    const char* property;
};
constexpr auto kFields = std::to_array<Field>({
    {"product_uuid", "IOPlatformUUID"},
    {"product_serial", "IOPlatformSerialNumber"},
    {"board_serial", "mlb-serial-number"},
    {"sys_vendor", "manufacturer"},
    {"product_name", "model"},
    {"product_sku", "model-number"},
    {"board_name", "board-id"},
    {"board_name", "target-type"},  // Apple's own chips
});

}  // namespace

std::map<std::string, hwid::RawText> platform_fields_of(const IoForest& forest) {
    std::map<std::string, hwid::RawText> fields;
    walk(forest, [&](IoPath path) {
        const IoEntry& entry = *path.back();
        if (!fields.empty() || entry.property("IOPlatformUUID") == nullptr) return;
        for (const auto& [field, property] : kFields) {
            std::string value = text_of(entry.property(property));
            if (!value.empty())
                fields.emplace(field,
                               read(std::move(value), std::string(kPlatform) + " " + property));
        }
    });
    for (const auto* field : {"product_uuid", "product_serial"})
        fields.emplace(field, hwid::RawText{Access::failed, {}, kPlatform});
    return fields;
}

IoSmbios io_smbios_of(const IoForest& forest) {
    IoSmbios out;
    out.table.origin = out.entry_point.origin = "AppleSMBIOS";
    walk(forest, [&](IoPath path) {
        const auto take = [&](const char* name, hwid::Source<hwid::RawBytes>& into) {
            const auto* bytes = bytes_of(path.back()->property(name));
            if (bytes == nullptr || into.readable()) return;
            into.access = Access::read;
            into.value = *bytes;
        };
        take("SMBIOS-EPS", out.entry_point);
        take("SMBIOS", out.table);
    });
    return out;
}

std::vector<hwid::RawDisplay> displays_of(const IoForest& forest) {
    std::vector<hwid::RawDisplay> out;
    walk(forest, [&](IoPath path) {
        if (is_display_function(*path.back()))
            out.push_back(pci_display(path));
        else if (is_own_graphics(path))
            out.push_back(own_graphics(*path.back()));
    });
    return out;
}

std::vector<hwid::RawBattery> batteries_of(const IoForest& forest) {
    std::vector<hwid::RawBattery> out;
    walk(forest, [&](IoPath path) {
        const IoEntry& entry = *path.back();
        if (!entry.class_name.starts_with("AppleSmartBattery") ||
            entry.property("DeviceName") == nullptr)
            return;
        hwid::RawBattery battery;
        battery.name = entry.name;
        battery.manufacturer = read(text_of(entry.property("Manufacturer")), "AppleSmartBattery");
        battery.model = read(text_of(entry.property("DeviceName")), "AppleSmartBattery");
        out.push_back(std::move(battery));
    });
    return out;
}

void understand_cpu(const CpuWords& words, hwid::RawHardware& out) {
    out.cpu = {};
    out.cpu.processor_count = words.count;
    if (words.is_translated) {
        out.cpu.name = {Access::failed, {}, "Rosetta hides the processor"};
    } else {
        out.cpu.name = words.brand;
        out.cpu.signature = words.processor.signature;
        out.cpu.hypervisor_bit = words.processor.hypervisor_bit;
        out.cpu.hypervisor_vendor = words.hypervisor_vendor;
    }
    out.hypervisor_type = {Access::absent, {}, "kern.hv_vmm_present"};
    if (!words.is_guest) return;
    if (*words.is_guest) {
        out.cpu.hypervisor_bit = true;
        // Apple's hypervisor under whatever product: Parallels and others use it on Apple's chips.
        if (words.model.starts_with("VirtualMac")) {
            out.hypervisor_type.access = Access::read;
            out.hypervisor_type.value = "apple";
        }
    } else if (!out.cpu.hypervisor_bit) {
        out.hypervisor_type.access = Access::read;
        out.hypervisor_type.value = "none";
    }
}

}  // namespace latchkey::platform
