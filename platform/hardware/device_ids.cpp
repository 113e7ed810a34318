#include "platform/hardware/device_ids.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace latchkey::platform {
namespace {

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string upper(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) { return upper(c); });
    return out;
}

/// The hexadecimal digits behind `mark`, in lower case; empty where there are not `count` of them.
std::string digits_behind(std::string_view text, std::string_view mark, std::size_t count) {
    const auto found = text.find(mark);
    if (found == std::string_view::npos) return {};
    std::string digits(text.substr(found + mark.size(), count));
    if (digits.size() != count) return {};
    std::transform(digits.begin(), digits.end(), digits.begin(), [](char c) { return lower(c); });
    const bool hex = digits.find_first_not_of("0123456789abcdef") == std::string::npos;
    return hex ? digits : std::string();
}

struct Bus {
    std::string_view enumerator;
    std::string_view name;
};

/// Those that have a device of their own behind them.
constexpr auto kBuses = std::to_array<Bus>({
    {"PCI", "pci"},
    {"USB", "usb"},
    {"VMBUS", "vmbus"},
    {"XENVIF", "xen"},
    {"XENBUS", "xen"},
    {"XEN", "xen"},
    {"SD", "sdio"},
    {"PCMCIA", "pcmcia"},
    {"ACPI", "platform"},
});

constexpr std::string_view kVirtioVendor = "1af4";

std::string_view bus_of(std::string_view enumerator) {
    const auto row = std::find_if(kBuses.begin(), kBuses.end(),
                                  [&](const Bus& bus) { return bus.enumerator == enumerator; });
    return row == kBuses.end() ? std::string_view() : row->name;
}

/// Made by software: a driver's own enumeration, Bluetooth's network profile, a team, Wi-Fi Direct
/// (whose enumerator is a GUID in braces).
bool is_made_by_software(std::string_view enumerator) {
    constexpr auto kSoftware = std::to_array<std::string_view>(
        {"", "ROOT", "SWD", "SW", "BTH", "BTHENUM", "COMPOSITEBUS", "HTREE"});
    return enumerator.starts_with('{') ||
           std::find(kSoftware.begin(), kSoftware.end(), enumerator) != kSoftware.end();
}

template <class Predicate>
bool any_id(std::span<const std::string> ids, Predicate matches) {
    return std::any_of(ids.begin(), ids.end(),
                       [&](const std::string& id) { return matches(upper(id)); });
}

}  // namespace

std::vector<std::string> texts_of(std::string_view multi_sz) {
    std::vector<std::string> out;
    while (!multi_sz.empty()) {
        const auto text = multi_sz.substr(0, multi_sz.find('\0'));
        multi_sz.remove_prefix(std::min(multi_sz.size(), text.size() + 1));
        if (!text.empty()) out.emplace_back(text);
    }
    return out;
}

std::string enumerator_of(std::string_view id) {
    const auto end = id.find('\\');
    return end == std::string_view::npos ? std::string() : upper(id.substr(0, end));
}

std::optional<DeviceIds> device_ids_of(std::string_view id) {
    const std::string enumerator = enumerator_of(id);
    if (enumerator != "PCI" && enumerator != "USB") return std::nullopt;
    const bool pci = enumerator == "PCI";
    const std::string text = upper(id);
    DeviceIds out;
    out.vendor = digits_behind(text, pci ? "VEN_" : "VID_", 4);
    out.device = digits_behind(text, pci ? "DEV_" : "PID_", 4);
    if (out.vendor.empty() || out.device.empty()) return std::nullopt;
    // The subsystem's device comes first, its vendor last.
    if (const std::string both = digits_behind(text, "SUBSYS_", 8); pci && !both.empty())
        out.subsystem = both.substr(4) + ":" + both.substr(0, 4);
    return out;
}

bool is_display_function(std::span<const std::string> ids) {
    return any_id(ids, [](const std::string& id) {
        return id.starts_with("PCI\\") &&
               (id.find("\\CC_03") != id.npos || id.find("&CC_03") != id.npos);
    });
}

bool is_tpm2(std::span<const std::string> ids) {
    return any_id(ids, [](const std::string& id) { return id.find("MSFT0101") != id.npos; });
}

CardPlace card_place_of(std::span<const std::string> instances) {
    CardPlace place;
    // A maker's own bus (B06BDRV, MLX4) stands between a card's ports and its PCI function.
    for (const auto& instance : instances) {
        const std::string enumerator = enumerator_of(instance);
        if (is_made_by_software(enumerator)) break;
        place.bus = bus_of(enumerator);
        if (place.bus.empty()) continue;
        if (const auto ids = device_ids_of(instance)) {
            place.device = ids->vendor + ":" + ids->device;
            if (place.bus == "pci" && ids->vendor == kVirtioVendor) place.bus = "virtio";
        }
        return place;
    }
    place.is_virtual = true;
    return place;
}

std::string pci_slot(std::uint32_t bus, std::uint32_t address) {
    // Windows keeps the segment in the upper bytes of the bus number, the device in the upper word
    // of the address and the function in the lower.
    std::array<char, 32> text{};
    const int length =
        std::snprintf(text.data(), text.size(), "%04x:%02x:%02x.%x", bus >> 8 & 0xffffu,
                      bus & 0xffu, address >> 16 & 0x1fu, address & 0x7u);
    return {text.data(), static_cast<std::size_t>(length)};
}

}  // namespace latchkey::platform
