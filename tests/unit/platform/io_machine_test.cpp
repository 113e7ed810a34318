#include "platform/hardware/io_machine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "hwid/assemble.h"
#include "tests/fakes/io_registry_plist.h"
#include "tests/fakes/macs.h"

namespace latchkey::platform {
namespace {

using fakes::mac_registry;
using hwid::Access;
using Lines = std::vector<std::string>;

std::string field(const IoForest& forest, const char* name) {
    const auto fields = platform_fields_of(forest);
    const auto found = fields.find(name);
    return found == fields.end() ? "(none)" : found->second.value;
}

/// "en0 pci 14e4:1686 BCM5701Enet f0:18:98:ec:4a:07"
Lines cards(const IoForest& forest) {
    Lines out;
    for (const auto& nic : cards_of(forest))
        out.push_back(nic.name + " " + nic.bus + " " + nic.device + " " + nic.driver + " " +
                      nic.permanent_address.value + (nic.removable ? " removable" : "") +
                      (nic.is_virtual ? " virtual" : ""));
    return out;
}

Lines disks(const IoForest& forest) {
    Lines out;
    for (const auto& disk : disks_of(forest))
        out.push_back(disk.name + " " + disk.bus + " [" + disk.serial.value + "] [" +
                      disk.model.value + "] " + std::to_string(disk.size_bytes.value_or(1)) +
                      (disk.removable ? " removable" : "") + (disk.is_virtual ? " virtual" : ""));
    return out;
}

Lines displays(const IoForest& forest) {
    Lines out;
    for (const auto& display : displays_of(forest))
        out.push_back(display.slot + " " + display.vendor + ":" + display.device + " " +
                      display.subsystem + " " + display.name +
                      (display.removable ? " removable" : ""));
    return out;
}

TEST(IoPlatform, names_a_mac_with_apples_chip_by_its_device_tree) {
    const auto registry = mac_registry("macbook-pro-m1");
    EXPECT_EQ(field(registry, "product_uuid"), "8E1D5A0C-3F72-5B94-A6E8-17C4D2905B3F");
    EXPECT_EQ(field(registry, "product_serial"), "FVFX40QK7W1R");
    EXPECT_EQ(field(registry, "board_serial"), "FV9G3180AW1N7V41R");
    EXPECT_EQ(field(registry, "product_name"), "MacBookPro17,1");
    EXPECT_EQ(field(registry, "sys_vendor"), "Apple Inc.");
    EXPECT_EQ(field(registry, "board_name"), "J293");
    EXPECT_EQ(field(registry, "product_sku"), "MYD82");
    EXPECT_EQ(io_smbios_of(registry).table.access, Access::absent);
}

TEST(IoPlatform, names_an_intel_mac_and_hands_on_its_firmwares_table) {
    const auto registry = mac_registry("mac-mini-t2");
    EXPECT_EQ(field(registry, "product_uuid"), "4B7F93D1-8C25-5E6A-9D04-B1E7A3C86F52");
    EXPECT_EQ(field(registry, "board_name"), "Mac-7BA5B2DFE22DDD8C");
    EXPECT_EQ(field(registry, "board_serial"), "(none)") << "that is in the table";
    const auto smbios = io_smbios_of(registry);
    EXPECT_EQ(smbios.entry_point.value.size(), 31u);
    EXPECT_GT(smbios.table.value.size(), 200u);
    EXPECT_TRUE(smbios.table.readable());
}

TEST(IoPlatform, that_does_not_name_itself_could_not_be_read) {
    const auto fields = platform_fields_of({});
    ASSERT_EQ(fields.size(), 2u);
    EXPECT_EQ(fields.at("product_uuid").access, Access::failed);
    EXPECT_EQ(fields.at("product_serial").access, Access::failed);
}

TEST(IoCards, of_a_laptop_are_its_wifi_and_what_is_plugged_in) {
    EXPECT_EQ(
        cards(mac_registry("macbook-pro-m1")),
        (Lines{"en0 pci 14e4:4425 AppleBCMWLANSkywalkInterface f8:4d:89:6a:2c:51",
               "awdl0 pci 14e4:4425 AppleBCMWLANProximityInterface 3e:71:0a:94:5b:e2 virtual",
               "llw0 pci 14e4:4425 AppleBCMWLANLowLatencyInterface 3e:71:0a:94:5b:e2 virtual",
               "ap1 pci 14e4:4425 AppleBCMWLANIO80211APSTAInterface fa:4d:89:6a:2c:51 virtual",
               "en1 platform  AppleThunderboltIPPort 82:1f:45:08:c4:01 virtual",
               "en4 usb  AppleUSBDeviceNCMData 5a:d3:16:07:99:e4",
               "anpi0 usb  AppleUSBDeviceNCMData 5a:d3:16:07:99:c4 virtual",
               "en6 usb 0bda:8153 AppleUSBNCMData 00:e0:4c:68:15:a7",
               "en8   IOUserEthernetController 4c:20:b8:e1:07:5d virtual"}));
}

TEST(IoCards, of_a_t2_mac_tell_its_own_from_thunderbolts_and_the_t2s) {
    EXPECT_EQ(cards(mac_registry("mac-mini-t2")),
              (Lines{"en5 usb 05ac:8233 AppleUSBNCMData ac:de:48:00:11:22",
                     "en0 pci 14e4:1686 BCM5701Enet f0:18:98:ec:4a:07",
                     "en1 pci 14e4:4464 AirPort_BrcmNIC f0:18:98:33:d1:9e",
                     "p2p0 pci 14e4:4464 IO80211P2PInterface 02:18:98:33:d1:9e virtual",
                     "awdl0 pci 14e4:4464 IO80211AWDLInterface aa:47:1c:92:30:fd virtual",
                     "en7 pci 8086:1533 AppleIntelI210Ethernet 64:4b:f0:12:7e:83 removable",
                     "en2   AppleThunderboltIPPort 82:84:bb:0c:e0:00 virtual"}));
}

TEST(IoCards, of_guests_name_their_hypervisors_bus) {
    EXPECT_EQ(cards(mac_registry("vm-apple")),
              (Lines{"en0 virtio 1af4:1041 AppleVirtIONetwork 1a:5e:c3:70:9d:42"}));
    EXPECT_EQ(cards(mac_registry("vm-vmware")),
              (Lines{"en0 pci 15ad:07b0 VMwareVmxnet3 00:0c:29:7a:e0:15"}));
}

TEST(IoCards, with_an_address_that_is_none_are_unreadable) {
    const auto forest = fakes::io_forest(
        "<plist><array><dict><key>IOObjectClass</key><string>IOPCIDevice</string>"
        "<key>IORegistryEntryChildren</key><array><dict><key>IOObjectClass</key>"
        "<string>Ethernet</string><key>IOMACAddress</key><data>AAEC</data>"
        "<key>BSD Name</key><string>en0</string></dict></array></dict></array></plist>");
    const auto found = cards_of(forest);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].permanent_address.access, Access::failed);
    EXPECT_EQ(found[0].permanent_address.value, "");
}

TEST(IoDisks, are_whole_and_counted_once) {
    EXPECT_EQ(disks(mac_registry("macbook-pro-m1")),
              (Lines{"disk0 nvme [0ba0148ce2713c08] [APPLE SSD AP0512Q] 500277790720",
                     "disk5 usb [S5TYNS0R701234] [PSSD T7] 1000204886016 removable",
                     "disk4  [] [Disk Image] 209715200 virtual"}))
        << "neither partitions nor APFS' own disk3";
    EXPECT_EQ(disks(mac_registry("mac-mini-t2")),
              (Lines{"disk0 nvme [C02913502W4J1Y54K] [APPLE SSD AP0256M] 251000193024"}));
    EXPECT_EQ(disks(mac_registry("imac-2017")),
              (Lines{"disk1 ata [            Z8E2K1T9] [ST2000DM001-1ER164] 2000398934016",
                     "disk0 nvme [S34ANYAH612807] [APPLE SSD SM0128L] 121332826112",
                     "disk3 mmc [000000000820] [SDXC Reader] 0 removable"}));
}

TEST(IoDisks, of_guests_are_the_hypervisors) {
    const auto apple = disks_of(mac_registry("vm-apple"));
    ASSERT_EQ(apple.size(), 1u);
    EXPECT_EQ(apple[0].bus, "virtio");
    EXPECT_EQ(apple[0].serial.access, Access::absent);
    EXPECT_EQ(disks(mac_registry("vm-vmware")),
              (Lines{"disk0 ata [00000000000000000001] [VMware Virtual SATA Hard Drive] "
                     "85899345920"}));
}

TEST(IoDisks, whose_device_says_nothing_are_named_by_their_nvme_controller) {
    const auto forest = fakes::io_forest(
        "<plist><array><dict><key>IOObjectClass</key><string>IONVMeController</string>"
        "<key>Serial Number</key><string>S1</string><key>Model Number</key><string>M1</string>"
        "<key>Physical Interconnect Location</key><string>External</string>"
        "<key>IORegistryEntryChildren</key><array><dict><key>IOObjectClass</key>"
        "<string>IONVMeBlockStorageDevice</string>"
        "<key>Protocol Characteristics</key><dict/><key>Device Characteristics</key><dict>"
        "<key>Serial Number</key><integer>7</integer></dict>"
        "<key>IORegistryEntryChildren</key><array><dict><key>IOObjectClass</key>"
        "<string>IOMedia</string><key>BSD Name</key><string>disk9</string>"
        "<key>Whole</key><true/></dict></array></dict></array></dict></array></plist>");
    EXPECT_EQ(disks(forest), (Lines{"disk9  [S1] [M1] 1 removable"}));
}

TEST(IoDisks, in_a_box_on_thunderbolt_are_removable_whatever_they_say) {
    const auto forest = fakes::io_forest(
        "<plist><array><dict><key>IOObjectClass</key><string>IOPCIDevice</string>"
        "<key>IOPCITunnelled</key><true/><key>IORegistryEntryChildren</key><array><dict>"
        "<key>Device Characteristics</key><dict><key>Serial Number</key><string>S1</string></dict>"
        "<key>Protocol Characteristics</key><dict>"
        "<key>Physical Interconnect</key><string>PCI-Express</string>"
        "<key>Physical Interconnect Location</key><string>Internal</string></dict>"
        "<key>IORegistryEntryChildren</key><array><dict><key>BSD Name</key><string>disk6</string>"
        "<key>Whole</key><true/></dict></array></dict></array></dict></array></plist>");
    EXPECT_EQ(disks(forest), (Lines{"disk6 nvme [S1] [] 1 removable"}));
}

TEST(IoDisplays, are_pci_functions_or_a_part_of_apples_chip) {
    EXPECT_EQ(displays(mac_registry("macbook-pro-m1")),
              (Lines{"AGXAcceleratorG13G_B0 :  Apple M1, 8 cores"}));
    EXPECT_EQ(displays(mac_registry("mac-mini-t2")),
              (Lines{"0:2:0 8086:3e9b 8086:2212 ", "12:0:0 1002:731f 1da2:e410  removable"}));
    EXPECT_EQ(displays(mac_registry("vm-apple")),
              (Lines{"AppleParavirtGPU :  Apple Paravirtual device"}));
}

TEST(IoBatteries, are_named_by_their_gauge) {
    const auto found = batteries_of(mac_registry("macbook-pro-m1"));
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].model.value, "bq20z451");
    EXPECT_TRUE(batteries_of(mac_registry("imac-2017")).empty());
}

CpuWords words(std::optional<bool> is_guest) {
    CpuWords out;
    out.brand = {Access::read, "Apple M1", "sysctl"};
    out.model = "MacBookPro17,1";
    out.count = 8;
    out.is_guest = is_guest;
    return out;
}

hwid::RawHardware understood(const CpuWords& words) {
    hwid::RawHardware raw;
    understand_cpu(words, raw);
    return raw;
}

TEST(MacProcessor, says_that_it_is_no_guests) {
    const auto raw = understood(words(false));
    EXPECT_EQ(raw.cpu.name.value, "Apple M1");
    EXPECT_EQ(raw.cpu.processor_count, 8u);
    EXPECT_EQ(raw.hypervisor_type.value, "none");
    EXPECT_EQ(understood(words(std::nullopt)).hypervisor_type.access, Access::absent)
        << "a kernel that does not say";
}

TEST(MacProcessor, of_a_guest_names_apples_hypervisor_or_lets_the_processor_speak) {
    auto guest = words(true);
    guest.model = "VirtualMac2,1";
    EXPECT_EQ(understood(guest).hypervisor_type.value, "apple");
    guest.model = "VMware7,1";
    guest.hypervisor_vendor = "VMwareVMware";
    EXPECT_EQ(understood(guest).hypervisor_type.access, Access::absent);
    EXPECT_TRUE(understood(guest).cpu.hypervisor_bit);
    EXPECT_EQ(understood(guest).cpu.hypervisor_vendor, "VMwareVMware");
}

TEST(MacProcessor, that_the_kernel_denies_is_believed_to_be_a_guests_all_the_same) {
    auto denied = words(false);
    denied.processor = {0x000906ea, true};
    EXPECT_EQ(understood(denied).hypervisor_type.access, Access::absent);
    EXPECT_TRUE(understood(denied).cpu.hypervisor_bit);
}

TEST(MacProcessor, in_rosetta_is_hidden) {
    auto translated = words(false);
    translated.is_translated = true;
    translated.brand.value = "VirtualApple @ 2.50GHz processor";
    translated.processor = {0x000306c3, true};
    translated.hypervisor_vendor = "made up";
    const auto raw = understood(translated);
    EXPECT_EQ(raw.cpu.name.access, Access::failed);
    EXPECT_EQ(raw.cpu.signature, std::nullopt);
    EXPECT_EQ(raw.cpu.hypervisor_vendor, "");
    EXPECT_EQ(raw.hypervisor_type.value, "none");
}

/// Every property in turn becomes something else; entries swap places.
class Vandal {
public:
    explicit Vandal(unsigned seed) : dice_(seed) {}

    void at(IoForest& forest) {
        for (auto& entry : forest) {
            if (one_in(12)) entry.class_name = kWords[dice_() % kWords.size()];
            for (auto& property : entry.properties)
                if (one_in(4)) property.value = something();
            if (!entry.properties.empty() && one_in(6))
                entry.properties[dice_() % entry.properties.size()].name =
                    kWords[dice_() % kWords.size()];
            at(entry.children);
            if (entry.children.size() > 1 && one_in(3))
                std::swap(entry.children.front(), entry.children.back());
        }
    }

private:
    bool one_in(unsigned n) { return dice_() % n == 0; }

    IoValue something() {
        switch (dice_() % 7) {
            case 0:
                return {true};
            case 1:
                return {std::int64_t{-1}};
            case 2:
                return {std::string("\xff\xfe\x01\x1b[31m") + std::string(9000, 'A')};
            case 3:
                return {hwid::RawBytes(dice_() % 9, 0xff)};
            case 4:
                return {IoValue::Array{IoValue{std::string("x")}}};
            case 5:
                return {IoValue::Dictionary{{"Serial Number", IoValue{std::int64_t{1}}}}};
            default:
                return {};
        }
    }

    static constexpr auto kWords = std::to_array<const char*>(
        {"BSD Name", "Whole", "IOMACAddress", "IOPCIDevice", "AppleVirtIO", "USB", "SMBIOS",
         "IOPlatformUUID", "Device Characteristics", "AppleSmartBattery", "class-code"});
    std::mt19937 dice_;
};

TEST(IoMachine, that_lies_about_everything_still_comes_to_an_end_and_keeps_bounds) {
    for (const auto* name : {"macbook-pro-m1", "mac-mini-t2", "imac-2017", "vm-vmware"}) {
        const auto honest = mac_registry(name);
        for (unsigned seed = 0; seed < 150; ++seed) {
            fakes::Mac mac;
            mac.registry = honest;
            Vandal(seed).at(mac.registry);
            const auto snapshot = hwid::assemble(fakes::raw_mac(mac), WallTime{});
            EXPECT_LE(snapshot.components.size(), hwid::kMaxComponents);
            for (const auto& component : snapshot.components) {
                EXPECT_LE(component.value.size(), hwid::kMaxValueBytes);
                EXPECT_EQ(component.value.find('\x1b'), std::string::npos);
            }
        }
    }
}

}  // namespace
}  // namespace latchkey::platform
