#include <array>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

#include "hwid/assemble.h"
#include "platform/hardware/io_machine.h"

namespace {

using namespace latchkey;
using namespace latchkey::platform;

/// A registry spelled by the fuzzer: every byte asks for the next entry, property or value.
class Spelling {
public:
    explicit Spelling(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

    IoForest forest(int levels) {
        IoForest out;
        while (levels > 0 && !bytes_.empty() && out.size() < 40) {
            const auto what = next();
            if (what % 4 == 0) break;
            auto& entry = out.emplace_back();
            entry.id = next();
            entry.class_name = word(kClasses);
            for (int left = what % 8; left > 0; --left)
                entry.properties.push_back({word(kNames), value(3)});
            entry.children = forest(levels - 1);
        }
        return out;
    }

private:
    std::uint8_t next() {
        if (bytes_.empty()) return 0;
        const auto byte = bytes_.front();
        bytes_ = bytes_.subspan(1);
        return byte;
    }

    template <std::size_t n>
    std::string word(const std::array<const char*, n>& words) {
        return words[next() % n];
    }

    hwid::RawBytes raw() {
        const auto size = std::min<std::size_t>(next(), bytes_.size());
        const hwid::RawBytes out(bytes_.begin(),
                                 bytes_.begin() + static_cast<std::ptrdiff_t>(size));
        bytes_ = bytes_.subspan(size);
        return out;
    }

    IoValue value(int nesting) {
        switch (next() % 7) {
            case 0:
                return {true};
            case 1:
                return {static_cast<std::int64_t>(next()) - 8};
            case 2: {
                const auto bytes = raw();
                return {std::string(bytes.begin(), bytes.end())};
            }
            case 3:
                return {raw()};
            case 4:
                if (nesting > 0) return {IoValue::Array{value(nesting - 1)}};
                return {};
            case 5:
                if (nesting > 0)
                    return {IoValue::Dictionary{{word(kNames), value(nesting - 1)},
                                                {word(kNames), value(nesting - 1)}}};
                return {};
            default:
                return {};
        }
    }

    static constexpr auto kClasses = std::to_array<const char*>(
        {"IOPCIDevice", "IOUSBHostDevice", "AppleARMIODevice", "AppleVirtIONetwork",
         "AppleThunderboltIPPort", "IONVMeController", "IOMedia", "AppleSmartBattery", "Other"});
    static constexpr auto kNames = std::to_array<const char*>({"BSD Name",
                                                               "Whole",
                                                               "Size",
                                                               "IOMACAddress",
                                                               "IOInterfaceType",
                                                               "IOPCITunnelled",
                                                               "Device Characteristics",
                                                               "Protocol Characteristics",
                                                               "Serial Number",
                                                               "Product Name",
                                                               "Physical Interconnect",
                                                               "Physical Interconnect Location",
                                                               "IOPlatformUUID",
                                                               "IOPlatformSerialNumber",
                                                               "model",
                                                               "SMBIOS",
                                                               "SMBIOS-EPS",
                                                               "class-code",
                                                               "vendor-id",
                                                               "device-id",
                                                               "idVendor",
                                                               "idProduct",
                                                               "MetalPluginName",
                                                               "gpu-core-count",
                                                               "DeviceName"});

    std::span<const std::uint8_t> bytes_;
};

}  // namespace

// Drivers of many makers fill macOS' registry: whatever is in it, hwid's bounds hold.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const IoForest forest = Spelling({data, size}).forest(70);
    hwid::RawHardware raw;
    raw.os = "mac";
    raw.platform_fields = platform_fields_of(forest);
    auto smbios = io_smbios_of(forest);
    raw.smbios_entry_point = std::move(smbios.entry_point);
    raw.smbios_table = std::move(smbios.table);
    raw.nics = cards_of(forest);
    raw.disks = disks_of(forest);
    raw.displays = displays_of(forest);
    raw.batteries = batteries_of(forest);
    for (const auto& nic : raw.nics)
        if (nic.permanent_address.readable() && nic.permanent_address.value.size() != 17)
            std::abort();
    for (const auto& display : raw.displays)
        if (!display.vendor.empty() && display.vendor.size() != 4) std::abort();
    if (!raw.platform_fields.contains("product_uuid")) std::abort();
    const auto snapshot = hwid::assemble(raw, WallTime{});
    if (snapshot.components.size() > hwid::kMaxComponents) std::abort();
    for (const auto& component : snapshot.components)
        if (component.value.size() > hwid::kMaxValueBytes) std::abort();
    return 0;
}
