#include "hwid/makers.h"

#include <algorithm>
#include <array>
#include <span>

namespace latchkey::hwid {
namespace {

struct Maker {
    std::string_view vendor;
    std::string_view name;
};

/// Makers of network cards, graphics cards and disks, by PCI vendor.
constexpr std::array kPci{
    Maker{"1002", "AMD"},       Maker{"1022", "AMD"},      Maker{"1028", "Dell"},
    Maker{"103c", "HP"},        Maker{"106b", "Apple"},    Maker{"1077", "QLogic"},
    Maker{"10de", "NVIDIA"},    Maker{"10ec", "Realtek"},  Maker{"10df", "Emulex"},
    Maker{"1137", "Cisco"},     Maker{"1179", "Toshiba"},  Maker{"11ab", "Marvell"},
    Maker{"11f8", "Microchip"}, Maker{"1344", "Micron"},   Maker{"144d", "Samsung"},
    Maker{"14c3", "MediaTek"},  Maker{"14e4", "Broadcom"}, Maker{"1590", "HPE"},
    Maker{"15ad", "VMware"},    Maker{"15b3", "Mellanox"}, Maker{"15b7", "SanDisk"},
    Maker{"168c", "Qualcomm"},  Maker{"17cb", "Qualcomm"}, Maker{"1924", "Solarflare"},
    Maker{"1969", "Qualcomm"},  Maker{"19a2", "Emulex"},   Maker{"1a03", "ASPEED"},
    Maker{"1af4", "Red Hat"},   Maker{"1b36", "Red Hat"},  Maker{"1b4b", "Marvell"},
    Maker{"1bb1", "Seagate"},   Maker{"1c5c", "SK hynix"}, Maker{"1cc1", "ADATA"},
    Maker{"1d0f", "Amazon"},    Maker{"1d6a", "Aquantia"}, Maker{"1dd8", "AMD Pensando"},
    Maker{"1ae0", "Google"},    Maker{"1e0f", "KIOXIA"},   Maker{"2646", "Kingston"},
    Maker{"8086", "Intel"},     Maker{"c0a9", "Micron"},   Maker{"1414", "Microsoft"},
};

/// Makers of network adapters, by USB vendor.
constexpr std::array kUsb{
    Maker{"0424", "Microchip"}, Maker{"045e", "Microsoft"},   Maker{"05ac", "Apple"},
    Maker{"0846", "NETGEAR"},   Maker{"0b95", "ASIX"},        Maker{"0bda", "Realtek"},
    Maker{"0e8d", "MediaTek"},  Maker{"17e9", "DisplayLink"}, Maker{"17ef", "Lenovo"},
    Maker{"2001", "D-Link"},    Maker{"2357", "TP-Link"},     Maker{"413c", "Dell"},
};

std::string_view find(std::span<const Maker> makers, std::string_view vendor) {
    const auto found = std::find_if(makers.begin(), makers.end(),
                                    [vendor](const Maker& m) { return m.vendor == vendor; });
    return found == makers.end() ? std::string_view() : found->name;
}

}  // namespace

std::string_view maker_of_device(std::string_view bus, std::string_view device) {
    const std::string_view vendor = device.substr(0, device.find(':'));
    if (bus == "usb") return find(kUsb, vendor);
    if (bus == "pci" || bus == "virtio") return find(kPci, vendor);
    return {};
}

}  // namespace latchkey::hwid
