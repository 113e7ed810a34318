#pragma once

// The names that Windows' plug and play gives to devices, understood. Pure: runs in tests on every
// system. All texts are UTF-8.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::platform {

/// The texts of a REG_MULTI_SZ; the last may lack its terminator.
std::vector<std::string> texts_of(std::string_view multi_sz);

/// "PCI" of "PCI\VEN_8086&DEV_15F3&SUBSYS_00008086\3&11583659&0&FE", in upper case.
std::string enumerator_of(std::string_view id);

/// Lower-case hexadecimal digits, four each.
struct DeviceIds {
    std::string vendor;
    std::string device;
    std::string subsystem;  ///< "10de:119e", PCI's alone
};
/// Of a hardware or instance id of the enumerators PCI and USB; nullopt for any other.
std::optional<DeviceIds> device_ids_of(std::string_view id);

/// Whether hardware or compatible ids name a PCI function of class 0x03.
bool is_display_function(std::span<const std::string> ids);

/// Whether they name a TPM 2.0 (TCG ACPI Specification: MSFT0101).
bool is_tpm2(std::span<const std::string> ids);

/// A network card by the instance ids of its device and of what that hangs on, innermost first.
struct CardPlace {
    std::string bus;     ///< as hwid::RawNic
    std::string device;  ///< "8086:15f3"
    bool is_virtual = false;
};
CardPlace card_place_of(std::span<const std::string> instances);

/// "0000:03:00.0" of what Windows says of a PCI function's place.
std::string pci_slot(std::uint32_t bus, std::uint32_t address);

}  // namespace latchkey::platform
