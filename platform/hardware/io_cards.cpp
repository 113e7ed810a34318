// Network cards of macOS' I/O registry.

#include <algorithm>
#include <array>
#include <cstdio>

#include "platform/hardware/io_machine.h"

namespace latchkey::platform {
namespace {

using hwid::Access;

constexpr std::size_t kAddressBytes = 6;
constexpr std::uint64_t kEthernetType = 6;  // IFT_ETHER, net/if_types.h; Wi-Fi says so, too
constexpr int kEthernet = 1;                // raw.h has Linux's numbers

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

/// "en0" and so on: what macOS calls Ethernet and Wi-Fi. Everything else is a service's own.
bool is_ethernet_name(std::string_view name) {
    return name.starts_with("en") && name.size() > 2 &&
           name.substr(2).find_first_not_of("0123456789") == std::string_view::npos;
}

/// Its disks have BSD names as well.
bool is_interface(const IoEntry& entry) {
    return entry.property("BSD Name") != nullptr && entry.property("Whole") == nullptr;
}

/// "pci" with its ids, and so on; by what a driver hangs on, innermost first.
struct Place {
    std::string bus;
    std::string device;
};

std::string ids(const IoEntry& entry, const char* vendor, const char* device) {
    const auto v = number_of(entry.property(vendor));
    const auto d = number_of(entry.property(device));
    if (!v || !d || *v > 0xffff || *d > 0xffff) return {};
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%04x:%04x", static_cast<unsigned>(*v),
                  static_cast<unsigned>(*d));
    return text.data();
}

Place place_of(IoPath path) {
    Place place;
    for (auto step = path.rbegin(); step != path.rend(); ++step) {
        const IoEntry& entry = **step;
        const std::string_view is(entry.class_name);
        if (place.bus == "usb") {
            // The interface comes before the device that has the ids.
            if (place.device.empty()) place.device = ids(entry, "idVendor", "idProduct");
        } else if (is.starts_with("AppleVirtIO")) {
            place.bus = "virtio";
        } else if (is == "IOPCIDevice") {
            if (place.bus.empty()) place.bus = "pci";
            place.device = ids(entry, "vendor-id", "device-id");
            return place;
        } else if (contains(is, "USB")) {
            place.bus = "usb";
            place.device = ids(entry, "idVendor", "idProduct");
        } else if (place.bus.empty() && (is == "AppleARMIODevice" || is == "IOPlatformDevice")) {
            place.bus = "platform";
            return place;
        }
    }
    return place;
}

/// A network over somebody else's cable or radio.
bool is_borrowed(IoPath path) {
    return std::any_of(path.begin(), path.end(), [](const IoEntry* entry) {
        return entry->class_name.starts_with("AppleThunderboltIP") ||
               contains(entry->class_name, "Bluetooth");
    });
}

/// The innermost entry that has an address: the driver of the card, or what it made.
const IoEntry* holder_of_address(IoPath path) {
    const auto holder = std::find_if(path.rbegin(), path.rend(), [](const IoEntry* entry) {
        return entry->property("IOMACAddress") != nullptr;
    });
    return holder == path.rend() ? nullptr : *holder;
}

hwid::RawText address_of(const IoEntry& holder) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    hwid::RawText text{Access::failed, {}, holder.class_name + " IOMACAddress"};
    const auto* bytes = bytes_of(holder.property("IOMACAddress"));
    if (bytes == nullptr || bytes->size() != kAddressBytes) return text;
    text.access = Access::read;
    for (const auto byte : *bytes) {
        if (!text.value.empty()) text.value += ':';
        text.value += kDigits[byte >> 4];
        text.value += kDigits[byte & 15];
    }
    return text;
}

hwid::RawNic describe(IoPath path, const IoEntry& holder) {
    const IoEntry& entry = *path.back();
    hwid::RawNic nic;
    nic.name = text_of(entry.property("BSD Name"));
    nic.permanent_address = address_of(holder);
    nic.hardware_type = kEthernet;
    auto place = place_of(path);
    nic.bus = std::move(place.bus);
    nic.device = std::move(place.device);
    nic.driver = holder.class_name;
    nic.removable = is_tunnelled(path);
    const auto type = number_of(entry.property("IOInterfaceType"));
    nic.is_virtual = nic.bus.empty() || !is_ethernet_name(nic.name) || is_borrowed(path) ||
                     type.value_or(kEthernetType) != kEthernetType;
    return nic;
}

}  // namespace

std::vector<hwid::RawNic> cards_of(const IoForest& forest) {
    std::vector<hwid::RawNic> out;
    walk(forest, [&](IoPath path) {
        if (!is_interface(*path.back())) return;
        const IoEntry* const holder = holder_of_address(path);
        if (holder == nullptr) return;
        auto nic = describe(path, *holder);
        // A driver of the newer kind shows its interface twice: its own and the network stack's.
        const bool known = std::any_of(out.begin(), out.end(),
                                       [&](const auto& other) { return other.name == nic.name; });
        if (!known) out.push_back(std::move(nic));
    });
    return out;
}

}  // namespace latchkey::platform
