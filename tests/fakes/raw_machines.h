#pragma once

// Whole machines as platform/ hands them over: SMBIOS tables as firmware lays them out, /sys and
// /proc as the kernel writes them. Made by hand from the public layouts; every unit identity in
// them is made up.

#include "hwid/raw.h"

namespace latchkey::fakes {

hwid::RawHardware raw_desktop();
/// In two docks: a USB-C one (a network card on USB) and a Thunderbolt one (on PCI). A memory stick
/// is plugged in.
hwid::RawHardware raw_laptop();
/// Of one enclosure, whose serial number each blade's chassis shows.
hwid::RawHardware raw_blade(int bay);
/// Of a chassis for four machines, which share the serial numbers of system and chassis.
hwid::RawHardware raw_node(int node);
/// Nothing filled in by the board's maker.
hwid::RawHardware raw_white_box();
/// A server that shows RAID volumes instead of disks.
hwid::RawHardware raw_raid_server();
hwid::RawHardware raw_kvm_guest();
hwid::RawHardware raw_hyperv_guest();
hwid::RawHardware raw_vmware_guest();
hwid::RawHardware raw_ec2_instance();
hwid::RawHardware raw_azure_instance();
hwid::RawHardware raw_google_instance();
hwid::RawHardware raw_openstack_instance();
/// No SMBIOS, no PCI: a device tree, a network card of the chip, a memory card.
hwid::RawHardware raw_arm_board();

}  // namespace latchkey::fakes
