#pragma once

// Who made a device, by the number its bus shows. For words only: no decision knows a maker.

#include <string_view>

namespace latchkey::hwid {

/// "Intel" for ("pci", "8086:15fa"), "Realtek" for ("usb", "0bda:8153"); empty where the table of
/// common makers does not hold it. Vendor numbers are given out by the PCI-SIG and the USB-IF and
/// are published by both.
std::string_view maker_of_device(std::string_view bus, std::string_view device);

}  // namespace latchkey::hwid
