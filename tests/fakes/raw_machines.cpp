#include "tests/fakes/raw_machines.h"

#include <string>

#include "tests/fakes/smbios_builder.h"

namespace latchkey::fakes {
namespace {

using hwid::Access;
using hwid::RawBattery;
using hwid::RawDisk;
using hwid::RawDisplay;
using hwid::RawHardware;
using hwid::RawNic;
using hwid::RawText;
using Uuid = SmbiosBuilder::Uuid;

constexpr std::uint64_t kGigabyte = 1'000'000'000;
constexpr std::uint8_t kChassisDesktop = 3;
constexpr std::uint8_t kChassisNotebook = 10;
constexpr std::uint8_t kChassisOther = 1;
constexpr std::uint8_t kChassisRackMount = 23;
constexpr std::uint8_t kChassisBlade = 28;

RawText text(std::string value) { return {Access::read, std::move(value), ""}; }

/// One that differs in its last byte from unit to unit of a fleet.
Uuid uuid(std::uint8_t first, std::uint8_t last) {
    return {first, 0x4c, 0x45, 0x44, 0x31, 0x00, 0x52, 0x10,
            0x80,  0x39, 0xb8, 0xc0, 0x4f, 0x56, 0x33, last};
}

std::string x86_cpuinfo(const std::string& model, int family, int number, int stepping, int count,
                        bool guest = false) {
    std::string out;
    for (int i = 0; i < count; ++i)
        out += "processor\t: " + std::to_string(i) +
               "\nvendor_id\t: GenuineIntel\ncpu family\t: " + std::to_string(family) +
               "\nmodel\t\t: " + std::to_string(number) + "\nmodel name\t: " + model +
               "\nstepping\t: " + std::to_string(stepping) + "\nflags\t\t: fpu vme de pse tsc msr" +
               (guest ? " hypervisor" : "") + " lm\n\n";
    return out;
}

RawHardware machine(const SmbiosBuilder& firmware, std::string cpuinfo, std::uint64_t memory_mb) {
    RawHardware raw;
    raw.os = "linux";
    raw.smbios_entry_point = {Access::read, SmbiosBuilder::entry_point_64(3, 3, 0), ""};
    raw.smbios_table = {Access::read, firmware.build(), ""};
    raw.cpu.cpuinfo = text(std::move(cpuinfo));
    raw.meminfo = text("MemTotal:       " + std::to_string(memory_mb * 1000) + " kB\n");
    raw.os_release = text("ID=debian\nVERSION_ID=\"12\"\n");
    raw.os_machine_id = text("6f1c0e9d8b7a465f9e0d1c2b3a495867\n");
    return raw;
}

RawHardware guest(const SmbiosBuilder& firmware, const char* hypervisor) {
    auto raw = machine(
        firmware, x86_cpuinfo("Intel(R) Xeon(R) Gold 6130 CPU @ 2.10GHz", 6, 85, 4, 4, true), 8192);
    raw.cpu.hypervisor_bit = true;
    raw.cpu.hypervisor_vendor = hypervisor;
    return raw;
}

RawDisk disk(const char* name, const char* bus, std::string serial, const char* model,
             std::uint64_t gigabytes, std::string wwn = "") {
    RawDisk out;
    out.name = name;
    out.bus = bus;
    if (!serial.empty()) out.serial = text(std::move(serial));
    if (!wwn.empty()) out.wwn = text(std::move(wwn));
    out.model = text(model);
    out.size_bytes = gigabytes * kGigabyte;
    return out;
}

RawNic nic(const char* name, const char* bus, const char* driver, const char* device,
           std::string address) {
    RawNic out;
    out.name = name;
    out.bus = bus;
    out.driver = driver;
    out.device = device;
    out.permanent_address = text(address);
    out.address = text(address + "\n");
    out.assign_type = 0;
    out.hardware_type = 1;
    return out;
}

RawNic without_permanent_address(RawNic card) {
    card.permanent_address = {Access::absent, "", ""};
    return card;
}

RawNic bridge(const char* name, const char* address) {
    RawNic out = nic(name, "", "", "", address);
    out.is_virtual = true;
    return out;
}

std::string numbered(const char* prefix, int number) { return prefix + std::to_string(number); }

}  // namespace

RawHardware raw_desktop() {
    auto raw = machine(
        SmbiosBuilder()
            .bios("Dell Inc.", "1.14.1", "12/10/2022")
            .system("Dell Inc.", "OptiPlex 7090", "9BK5V33", uuid(0x44, 0x33), "0A52", "OptiPlex")
            .board("Dell Inc.", "0M3F6V", "/9BK5V33/CNFCW0013700E2/")
            .chassis("Dell Inc.", kChassisDesktop, "9BK5V33")
            .memory(16384, "2AA3F87D", "HMA82GU6DJR8N-XN", "DIMM1")
            .memory(16384, "2AA3F87E", "HMA82GU6DJR8N-XN", "DIMM2")
            .memory(0, "", "", "DIMM3"),
        x86_cpuinfo("Intel(R) Core(TM) i7-10700 CPU @ 2.90GHz", 6, 165, 5, 16), 32768);
    raw.disks = {disk("nvme0n1", "nvme", "S64DNF0R812345A     ", "Samsung SSD 980 500GB", 500,
                      "eui.002538d9114a0b3c")};
    raw.nics = {nic("enp0s31f6", "pci", "e1000e", "8086:15fa", "a4:bb:6d:5e:21:9c")};
    raw.displays = {RawDisplay{"0000:00:02.0", "8086", "9bc5", "1028:0a52", "1", false}};
    raw.tpm.ek_public = {Access::read, hwid::RawBytes(314, 0x5a), ""};
    return raw;
}

RawHardware raw_laptop() {
    auto raw =
        machine(SmbiosBuilder()
                    .bios("LENOVO", "N34ET52W (1.52 )", "12/23/2022")
                    .system("LENOVO", "20W0004MGE", "PF3K9XW2", uuid(0xcc, 0x00),
                            "LENOVO_MT_20W0_BU_Think_FM_ThinkPad T14 Gen 2i", "ThinkPad T14 Gen 2i",
                            "ThinkPad T14 Gen 2i")
                    .board("LENOVO", "20W0004MGE", "L1HF19D02QK")
                    .chassis("LENOVO", kChassisNotebook, "PF3K9XW2")
                    .memory(8192, "00000000", "H9JCNNNCP3MLYR-N6E", "ChannelA-DIMM0")
                    .memory(8192, "415E3A7C", "M471A1K43DB1-CWE", "ChannelB-DIMM0"),
                x86_cpuinfo("11th Gen Intel(R) Core(TM) i5-1145G7 @ 2.60GHz", 6, 140, 1, 8), 16384);
    raw.disks = {disk("nvme0n1", "nvme", "S6B0NE0R704821", "SAMSUNG MZVLB512HBJQ-000L7", 512),
                 disk("sda", "usb", "4C530001170412114215", "Cruzer Blade", 31)};
    auto thunderbolt = nic("enp12s0", "pci", "igc", "8086:15f3", "98:fa:9b:41:7e:05");
    thunderbolt.removable = true;
    raw.nics = {nic("enp0s31f6", "pci", "e1000e", "8086:15fc", "8c:8c:aa:6f:13:d2"),
                nic("enx482ae35b7721", "usb", "r8152", "17ef:a387", "48:2a:e3:5b:77:21"),
                thunderbolt,
                nic("wlp0s20f3", "pci", "iwlwifi", "8086:a0f0", "10:3d:1c:b7:90:4e"),
                bridge("docker0", "02:42:6a:0d:71:5e"),
                bridge("virbr0", "52:54:00:3c:8e:1f")};
    raw.displays = {RawDisplay{"0000:00:02.0", "8086", "9a49", "17aa:508f", "1", false}};
    raw.batteries = {RawBattery{"BAT0", text("1423\n"), text("SMP\n"), text("5B10W13933\n")}};
    raw.tpm.ek_public = {Access::read, hwid::RawBytes(314, 0xa7), ""};
    return raw;
}

RawHardware raw_blade(int bay) {
    const auto last = static_cast<std::uint8_t>(bay);
    auto raw =
        machine(SmbiosBuilder()
                    .bios("HPE", "I41", "07/16/2023")
                    .system("HPE", "ProLiant BL460c Gen10", numbered("CZJ84207K", bay),
                            uuid(0x38, last), "863442-B21", "ProLiant")
                    .board("HPE", "ProLiant BL460c Gen10", numbered("PVWJV0ARHC60L", bay))
                    .riser("HPE", "BL460c Mezzanine 1", numbered("PMEZZ0000", bay))
                    .chassis("HPE", kChassisBlade, "CZ3650ENCL")
                    .memory(32768, numbered("36E4B10", bay), "M393A4K40CB2-CTD", "PROC 1 DIMM 8"),
                x86_cpuinfo("Intel(R) Xeon(R) Gold 6130 CPU @ 2.10GHz", 6, 85, 4, 32), 32768);
    raw.disks = {disk("sda", "sas", numbered("S462NA0M50012", bay), "MO000800JWUFT", 800,
                      numbered("naa.5002538b4975300", bay))};
    raw.nics = {nic("eno1", "pci", "bnx2x", "14e4:168e", "94:18:82:7a:10:0" + std::to_string(bay)),
                nic("eno2", "pci", "bnx2x", "14e4:168e", "94:18:82:7a:10:8" + std::to_string(bay))};
    return raw;
}

RawHardware raw_node(int node) {
    const auto last = static_cast<std::uint8_t>(0xa0 + node);
    auto raw =
        machine(SmbiosBuilder()
                    .bios("American Megatrends Inc.", "3.3", "02/21/2020")
                    .system("Supermicro", "SYS-2029TP-HC0R", "S302811X9A12345", uuid(0x00, last),
                            "091715D9", "SMC X11")
                    .board("Supermicro", "X11DPT-PS", numbered("VM19BS00240", node))
                    .chassis("Supermicro", kChassisOther, "C217BHJ44A10087")
                    .memory(32768, numbered("1593A7C", node), "M393A4K40CB2-CVF", "P1-A1"),
                x86_cpuinfo("Intel(R) Xeon(R) Silver 4214 CPU @ 2.20GHz", 6, 85, 7, 24), 32768);
    raw.disks = {disk("sda", "ata", numbered("BTYF9410012", node) + "480BGN", "INTEL SSDSC2KB48",
                      480, numbered("naa.55cd2e41503a1b2", node))};
    raw.nics = {nic("eno1", "pci", "i40e", "8086:37d2", "ac:1f:6b:a4:3e:1" + std::to_string(node)),
                nic("eno2", "pci", "i40e", "8086:37d2", "ac:1f:6b:a4:3e:2" + std::to_string(node))};
    return raw;
}

RawHardware raw_white_box() {
    constexpr Uuid kTemplate{0x00, 0x02, 0x00, 0x03, 0x00, 0x04, 0x00, 0x05,
                             0x00, 0x06, 0x00, 0x07, 0x00, 0x08, 0x00, 0x09};
    auto raw = machine(
        SmbiosBuilder()
            .bios("American Megatrends Inc.", "P3.60", "04/07/2021")
            .system("To Be Filled By O.E.M.", "To Be Filled By O.E.M.", "To Be Filled By O.E.M.",
                    kTemplate, "To Be Filled By O.E.M.", "To Be Filled By O.E.M.")
            .board("ASRock", "B450M Pro4", "")
            .chassis("To Be Filled By O.E.M.", kChassisDesktop, "Default string")
            .memory(8192, "00000000", "F4-3200C16-8GVKB", "DIMM 0")
            .memory(8192, "00000000", "F4-3200C16-8GVKB", "DIMM 1"),
        x86_cpuinfo("AMD Ryzen 5 3600 6-Core Processor", 23, 113, 0, 12), 16384);
    raw.disks = {disk("sda", "ata", "     WD-WX32D1A7KE9P", "WDC WD10EZEX-08W", 1000,
                      "naa.50014ee2b9c14f07")};
    raw.nics = {nic("enp5s0", "pci", "r8169", "10ec:8168", "70:85:c2:4f:18:aa")};
    raw.displays = {RawDisplay{"0000:07:00.0", "10de", "1c82", "1458:3763", "1", false}};
    return raw;
}

RawHardware raw_raid_server() {
    auto raw =
        machine(SmbiosBuilder()
                    .bios("Dell Inc.", "2.12.2", "07/09/2021")
                    .system("Dell Inc.", "PowerEdge R740", "3FQ7TS2", uuid(0x4c, 0x32))
                    .board("Dell Inc.", "0923K0", "/3FQ7TS2/CNIVC007CH0212/")
                    .chassis("Dell Inc.", kChassisRackMount, "3FQ7TS2")
                    .memory(32768, "3A5E11F0", "HMA84GR7CJR4N-WM", "A1"),
                x86_cpuinfo("Intel(R) Xeon(R) Gold 6130 CPU @ 2.10GHz", 6, 85, 4, 32), 32768);
    raw.disks = {
        disk("sda", "scsi", "009b8d71002f5a0e1300e1c4b7a06d86", "MR9361-8i", 1999,
             "naa.61866da0b7c4e100213f5a2e0c9d8b71"),
        disk("sdb", "fc", "6c7867614d4f5a35", "LUN C-Mode", 5497,
             "naa.600a098038304437415d4b6a59684a52"),
        disk("sdc", "sas", "S462NA0M500123", "MZILT800HAHQ0D3", 800, "naa.5002538b49753120")};
    raw.nics = {nic("eno1", "pci", "i40e", "8086:1572", "24:6e:96:1b:40:c4")};
    return raw;
}

RawHardware raw_kvm_guest() {
    auto raw = guest(SmbiosBuilder()
                         .bios("SeaBIOS", "1.16.2-debian-1.16.2-1", "04/01/2014")
                         .system("QEMU", "Standard PC (Q35 + ICH9, 2009)", "", uuid(0x0a, 0x13), "",
                                 "", "pc-q35-7.2")
                         .chassis("QEMU", kChassisOther, "")
                         .memory(8192, "", "", "DIMM 0"),
                     "KVMKVMKVM");
    raw.disks = {disk("vda", "virtio", "", "", 40)};
    raw.disks[0].model = {};
    raw.nics = {nic("enp1s0", "virtio", "virtio_net", "1af4:1041", "52:54:00:9a:25:d6")};
    return raw;
}

RawHardware raw_hyperv_guest() {
    auto raw = guest(
        SmbiosBuilder()
            .bios("Microsoft Corporation", "Hyper-V UEFI Release v4.1", "04/06/2022")
            .system("Microsoft Corporation", "Virtual Machine", "8613-0174-2290-5561-0348-9952-11",
                    uuid(0x5e, 0x71), "None", "Virtual Machine", "Hyper-V UEFI Release v4.1")
            .board("Microsoft Corporation", "Virtual Machine", "8613-0174-2290-5561-0348-9952-11")
            .chassis("Microsoft Corporation", kChassisDesktop, "8613-0174-2290-5561-0348-9952-11",
                     "8613-0174-2290-5561-0348-9952-11"),
        "Microsoft Hv");
    raw.disks = {
        disk("sda", "vmbus", "", "Virtual Disk", 136, "naa.60022480b1f4a3c65d2e9071fe83ab14")};
    raw.nics = {
        without_permanent_address(nic("eth0", "vmbus", "hv_netvsc", "", "00:15:5d:38:01:0b"))};
    return raw;
}

RawHardware raw_vmware_guest() {
    const std::string serial = "VMware-56 4d 3a 71 0e c2 b8 45-9f 60 1d 27 8a e3 54 b6";
    auto raw = guest(SmbiosBuilder()
                         .bios("Phoenix Technologies LTD", "6.00", "11/12/2020")
                         .system("VMware, Inc.", "VMware Virtual Platform", serial,
                                 uuid(0x56, 0xb6), "", "", "None")
                         .board("Intel Corporation", "440BX Desktop Reference Platform", "None")
                         .chassis("No Enclosure", kChassisOther, "None", "No Asset Tag"),
                     "VMwareVMware");
    raw.disks = {disk("sda", "scsi", "", "Virtual disk", 64)};
    raw.nics = {nic("ens192", "pci", "vmxnet3", "15ad:07b0", "00:50:56:9c:41:d7")};
    return raw;
}

RawHardware raw_ec2_instance() {
    auto raw = guest(SmbiosBuilder()
                         .bios("Amazon EC2", "1.0", "10/16/2017")
                         .system("Amazon EC2", "m5.large", "ec2a4f31-6b0e-92d7-51c8-03f9e7b2d614",
                                 uuid(0xec, 0x14), "", "")
                         .board("Amazon EC2", "", "", 9, "i-0a1b2c3d4e5f60718")
                         .chassis("Amazon EC2", kChassisOther, "", "Amazon EC2"),
                     "KVMKVMKVM");
    raw.disks = {disk("nvme0n1", "nvme", "vol0c4a71e95b3d2f608", "Amazon Elastic Block Store", 8)};
    raw.nics = {nic("ens5", "pci", "ena", "1d0f:ec20", "06:3f:a9:1c:72:e4")};
    return raw;
}

RawHardware raw_azure_instance() {
    auto raw = raw_hyperv_guest();
    raw.smbios_table.value =
        SmbiosBuilder()
            .bios("Microsoft Corporation", "Hyper-V UEFI Release v4.1", "08/23/2024")
            .system("Microsoft Corporation", "Virtual Machine", "0000-0014-6345-7820-3351-6120-48",
                    uuid(0x7a, 0x5c), "None", "Virtual Machine")
            .board("Microsoft Corporation", "Virtual Machine", "0000-0014-6345-7820-3351-6120-48")
            .chassis("Microsoft Corporation", kChassisDesktop, "0000-0014-6345-7820-3351-6120-48",
                     "7783-7084-3265-9085-8269-3286-77")
            .build();
    raw.nics[0].address = text("00:0d:3a:1e:90:4b\n");
    return raw;
}

RawHardware raw_google_instance() {
    auto raw = guest(SmbiosBuilder()
                         .bios("Google", "Google", "06/27/2024")
                         .system("Google", "Google Compute Engine",
                                 "GoogleCloud-1F3B8A70C46E92D5B07142E9D83C5FA6", uuid(0x1f, 0xa6))
                         .board("Google", "Google Compute Engine",
                                "Board-GoogleCloud-1F3B8A70C46E92D5B07142E9D83C5FA6")
                         .chassis("Google", kChassisOther, ""),
                     "KVMKVMKVM");
    raw.disks = {disk("sda", "virtio", "persistent-disk-0", "PersistentDisk", 10)};
    raw.nics = {nic("ens4", "virtio", "virtio_net", "1af4:1000", "42:01:0a:80:00:02")};
    return raw;
}

RawHardware raw_openstack_instance() {
    auto raw = guest(SmbiosBuilder()
                         .bios("SeaBIOS", "1.13.0-1ubuntu1.1", "04/01/2014")
                         .system("OpenStack Foundation", "OpenStack Nova",
                                 "4b1d0c7e-85a2-4f39-9c60-2d7e1b3f5a48", uuid(0x4b, 0x48))
                         .chassis("QEMU", kChassisOther, ""),
                     "KVMKVMKVM");
    raw.disks = {disk("vda", "virtio", "9e0f4c21-7b5a-4d36-8", "", 20)};
    raw.nics = {nic("ens3", "virtio", "virtio_net", "1af4:1000", "fa:16:3e:5b:07:c9")};
    return raw;
}

RawHardware raw_arm_board() {
    using namespace std::string_literals;
    RawHardware raw;
    raw.os = "linux";
    raw.dmi_fields["product_name"] = text("Raspberry Pi 4 Model B Rev 1.4\0"s);
    raw.dmi_fields["product_serial"] = text("10000000e3a1b47c\0"s);
    for (int i = 0; i < 4; ++i)
        raw.cpu.cpuinfo.value += "processor\t: " + std::to_string(i) +
                                 "\nBogoMIPS\t: 108.00\nCPU implementer\t: 0x41\n"
                                 "CPU architecture: 8\nCPU part\t: 0xd08\n\n";
    raw.cpu.cpuinfo.access = Access::read;
    raw.meminfo = text("MemTotal:        3884280 kB\n");
    raw.os_release = text("ID=debian\nVERSION_ID=\"12\"\n");
    raw.os_machine_id = text("5c0e7d1b9f3a4862a1b0c9d8e7f60514\n");
    raw.disks = {disk("mmcblk0", "mmc", "0x3a51c07e\n", "SC32G\n", 32)};
    raw.disks[0].removable = true;
    raw.nics = {nic("eth0", "platform", "bcmgenet", "", "dc:a6:32:4e:17:0b"),
                nic("wlan0", "sdio", "brcmfmac", "", "dc:a6:32:4e:17:0c")};
    raw.displays_access = Access::absent;
    return raw;
}

}  // namespace latchkey::fakes
