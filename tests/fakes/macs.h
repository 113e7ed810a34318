#pragma once

// Whole Macs: their I/O registry as `ioreg -a` prints it (tests/machines/ioreg) and what the kernel
// says. Every unit identity in them is made up. Link latchkey_macs.

#include <string>

#include "hwid/raw.h"
#include "platform/hardware/io_machine.h"

namespace latchkey::fakes {

/// "macbook-pro-m1"
platform::IoForest mac_registry(const std::string& name);

struct Mac {
    platform::IoForest registry;
    platform::CpuWords cpu;
    std::uint64_t memory_bytes = 0;
};

/// What the agent hands to hwid on this Mac.
hwid::RawHardware raw_mac(const Mac& mac);

/// In two docks' company: a network card and a disk on USB. Wi-Fi alone is built in.
Mac macbook_pro_m1();
/// T2; a graphics card and a network card on Thunderbolt.
Mac mac_mini_t2();
/// A disk and an SSD made one by a Fusion Drive; memory that its owner can change.
Mac imac_2017();
/// A guest of Apple's Virtualization framework.
Mac vm_apple();
/// A guest of VMware's on an Intel Mac.
Mac vm_vmware();

}  // namespace latchkey::fakes
