#include "platform/hardware/hardware.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "platform/hardware/hardware_linux.h"
#include "platform/hardware/sysfs_linux.h"
#include "tests/unit/platform/temporary_directory.h"

namespace latchkey::platform {
namespace {

namespace fs = std::filesystem;
using hwid::Access;

constexpr Duration kAmple = seconds(60);

std::string content_of(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

bool readable_or_empty(Access access, std::size_t size) {
    return access == Access::read || size == 0;
}

TEST(ThisMachine, every_source_says_whether_it_was_read) {
    const auto raw = system_hardware()->read(kAmple);
    EXPECT_EQ(raw.os, "linux");
    EXPECT_EQ(raw.disks_access, Access::read);
    EXPECT_EQ(raw.nics_access, Access::read);
    EXPECT_TRUE(readable_or_empty(raw.smbios_table.access, raw.smbios_table.value.size()));
    for (const auto* text : {&raw.cpu.cpuinfo, &raw.meminfo, &raw.hypervisor_type, &raw.os_release,
                             &raw.os_machine_id, &raw.container}) {
        EXPECT_TRUE(readable_or_empty(text->access, text->value.size())) << text->origin;
        EXPECT_FALSE(text->origin.empty());
    }
    EXPECT_NE(raw.meminfo.value.find("MemTotal:"), std::string::npos);
    EXPECT_FALSE(raw.vm_generation_id.readable());
}

TEST(ThisMachine, lists_what_the_kernel_lists) {
    const auto raw = system_hardware()->read(kAmple);
    std::size_t disks = 0;
    for (const auto& entry : fs::directory_iterator("/sys/block")) {
        const auto disk = std::find_if(raw.disks.begin(), raw.disks.end(), [&](const auto& d) {
            return d.name == entry.path().filename();
        });
        ASSERT_NE(disk, raw.disks.end()) << entry;
        EXPECT_EQ(disk->is_virtual, !fs::exists(entry.path() / "device")) << entry;
        ++disks;
    }
    EXPECT_EQ(raw.disks.size(), disks);
    for (const auto& nic : raw.nics) {
        EXPECT_EQ(nic.is_virtual, !fs::exists("/sys/class/net/" + nic.name + "/device"));
        if (nic.is_virtual) continue;
        EXPECT_EQ(nic.address.value, content_of("/sys/class/net/" + nic.name + "/address"));
    }
}

TEST(ThisMachine, reading_twice_gives_the_same_hardware) {
    const auto hardware = system_hardware();
    const auto first = hardware->read(kAmple);
    const auto second = hardware->read(kAmple);
    EXPECT_EQ(first.disks.size(), second.disks.size());
    EXPECT_EQ(first.displays.size(), second.displays.size());
    EXPECT_EQ(first.cpu.signature, second.cpu.signature);
    EXPECT_EQ(first.smbios_table.value, second.smbios_table.value);
    EXPECT_EQ(first.os_machine_id.value, second.os_machine_id.value);
}

TEST(ThisMachine, the_signature_from_cpuinfo_is_the_processors_own) {
    const auto raw = read_cpu();
    EXPECT_EQ(raw.signature.value_or(0), cpuid().signature.value_or(0));
    EXPECT_EQ(raw.hypervisor_vendor.empty(), !raw.hypervisor_bit);
}

TEST(SysFiles, missing_denied_and_broken_are_three_things) {
    EXPECT_EQ(access_of_errno(0), Access::read);
    EXPECT_EQ(access_of_errno(ENOENT), Access::absent);
    EXPECT_EQ(access_of_errno(ENOTDIR), Access::absent);
    EXPECT_EQ(access_of_errno(EACCES), Access::denied);
    EXPECT_EQ(access_of_errno(EPERM), Access::denied);
    EXPECT_EQ(access_of_errno(EIO), Access::failed);
}

TEST(SysFiles, a_missing_source_is_absent_and_named) {
    const auto text = read_text_file("/sys/no/such/file", 10);
    EXPECT_EQ(text.access, Access::absent);
    EXPECT_EQ(text.origin, "/sys/no/such/file");
    const SysDirectory none("/sys/no/such/directory");
    EXPECT_EQ(none.access(), Access::absent);
    EXPECT_EQ(none.attribute("serial").access, Access::absent);
    EXPECT_EQ(none.attribute("serial").origin, "/sys/no/such/directory/serial");
    EXPECT_FALSE(none.has("serial"));
    EXPECT_TRUE(none.link("device").empty());
}

TEST(SysFiles, reads_no_more_than_it_may) {
    const TemporaryDirectory dir;
    std::ofstream(dir / "big") << std::string(200'000, 'x');
    EXPECT_EQ(read_text_file((dir / "big").native(), 150'001).value.size(), 150'001u);
    EXPECT_EQ(read_text_file((dir / "big").native(), 1u << 20).value.size(), 200'000u);
    EXPECT_EQ(SysDirectory(dir.path().native()).attribute("big").value.size(), kMaxAttributeBytes);
    EXPECT_EQ(read_binary_file((dir / "big").native(), 7).value.size(), 7u);
}

TEST(SysFiles, values_are_handed_over_untrimmed_and_words_without_their_line_end) {
    const TemporaryDirectory dir;
    std::ofstream(dir / "serial") << "  S5GX \n";
    std::ofstream(dir / "type") << "1\n";
    std::ofstream(dir / "class") << "0x030000\n";
    std::ofstream(dir / "odd") << "12x\n";
    const SysDirectory attributes(dir.path().native());
    EXPECT_EQ(attributes.attribute("serial").value, "  S5GX \n");
    EXPECT_EQ(attributes.word("serial"), "  S5GX ");
    EXPECT_EQ(attributes.number("type"), 1u);
    EXPECT_EQ(attributes.number("class"), 0x030000u);
    EXPECT_EQ(attributes.number("odd"), std::nullopt);
    EXPECT_EQ(attributes.number("serial"), std::nullopt);
}

TEST(SysFiles, a_link_names_driver_and_bus) {
    const TemporaryDirectory dir;
    fs::create_symlink("../../../bus/pci/drivers/e1000e", dir / "driver");
    EXPECT_EQ(SysDirectory(dir.path().native()).link_name("driver"), "e1000e");
}

TEST(Disks, the_bus_is_read_from_the_devices_place) {
    const auto bus = bus_of_disk;
    EXPECT_EQ(bus("nvme0n1", "../devices/pci0000:00/0000:00:1d.0/0000:03:00.0/nvme/nvme0/nvme0n1"),
              "nvme");
    EXPECT_EQ(
        bus("sda", "../devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sda"),
        "ata");
    EXPECT_EQ(bus("sdb",
                  "../devices/pci0000:00/0000:00:14.0/usb2/2-1/2-1:1.0/host6/target6:0:0/6:0:0:0/"
                  "block/sdb"),
              "usb");
    EXPECT_EQ(bus("sdc",
                  "../devices/pci0000:00/0000:02:00.0/host0/port-0:0/end_device-0:0/target0:0:0/"
                  "0:0:0:0/block/sdc"),
              "sas");
    EXPECT_EQ(bus("sdd", "../devices/pci0000:00/0000:02:00.0/host0/target0:2:0/0:2:0:0/block/sdd"),
              "scsi");
    EXPECT_EQ(bus("sde",
                  "../devices/pci0000:00/0000:00:05.0/virtio1/host2/target2:0:0/2:0:0:0/block/sde"),
              "virtio");
    EXPECT_EQ(bus("vda", "../devices/pci0000:00/0000:00:05.0/virtio1/block/vda"), "virtio");
    EXPECT_EQ(bus("mmcblk0",
                  "../devices/platform/soc/fe340000.mmc/mmc_host/mmc0/mmc0:0001/block/mmcblk0"),
              "mmc");
    EXPECT_EQ(bus("xvda", "../devices/vbd-768/block/xvda"), "xen");
    EXPECT_EQ(bus("nvme1n1", "../devices/virtual/nvme-fabrics/ctl/nvme1/nvme1n1"), "nvme-of");
    EXPECT_EQ(bus("sdf", "../devices/platform/host4/session1/target4:0:0/4:0:0:1/block/sdf"),
              "iscsi");
    EXPECT_EQ(bus("sdg",
                  "../devices/pci0000:80/0000:81:00.0/host7/rport-7:0-2/target7:0:0/7:0:0:1/block/"
                  "sdg"),
              "fc");
    EXPECT_EQ(bus("sdh",
                  "../devices/LNXSYSTM:00/LNXSYBUS:00/ACPI0004:00/VMBUS:00/"
                  "f8b3781a-1e82-4818-a1c3-63d806ec15bb/host0/target0:0:0/0:0:0:0/block/sdh"),
              "vmbus");
    EXPECT_EQ(bus("fd0", "../devices/platform/floppy.0/block/fd0"), "");
}

TEST(Disks, devices_made_of_nothing_are_known_by_name) {
    for (const char* name :
         {"loop0", "ram1", "zram0", "dm-3", "md127", "mmcblk0boot1", "mmcblk0rpmb"})
        EXPECT_TRUE(is_virtual_disk_name(name)) << name;
    for (const char* name : {"sda", "nvme0n1", "vda", "mmcblk0", "sr0"})
        EXPECT_FALSE(is_virtual_disk_name(name)) << name;
}

TEST(Disks, the_serial_page_is_unwrapped_and_never_overread) {
    using namespace std::string_literals;
    EXPECT_EQ(serial_of_vpd_page("\x00\x80\x00\x05 S5GXtail"s), " S5GX");
    EXPECT_EQ(serial_of_vpd_page("\x00\x80\xff\xff S5"s), " S5");
    EXPECT_EQ(serial_of_vpd_page("\x00\x80\x00\x00"s), "");
    EXPECT_EQ(serial_of_vpd_page("\x00\x83\x00\x02XX"s), "") << "another page";
    EXPECT_EQ(serial_of_vpd_page("\x00\x80"s), "");
    EXPECT_EQ(serial_of_vpd_page(""), "");
}

TEST(Disks, atas_identity_holds_the_serial_at_its_place) {
    std::string identity(512, 'x');
    identity.replace(20, 20, "     WD-WX32D1A7KE9P");
    EXPECT_EQ(serial_of_ata_identity(identity), "     WD-WX32D1A7KE9P");
    EXPECT_EQ(serial_of_ata_identity(identity.substr(0, 39)), "") << "cut short";
    EXPECT_EQ(serial_of_ata_identity(""), "");
}

TEST(Disks, only_a_block_device_is_asked_for_its_serial) {
    const TemporaryDirectory dir;
    std::ofstream(dir / "file") << "x";
    EXPECT_EQ(ask_disk_for_serial((dir / "file").native()).access, Access::absent);
    EXPECT_EQ(ask_disk_for_serial((dir / "none").native()).access, Access::absent);
    EXPECT_EQ(ask_disk_for_serial("/dev/null").access, Access::absent);
    fs::create_symlink("/dev/null", dir / "link");
    EXPECT_EQ(ask_disk_for_serial((dir / "link").native()).access, Access::failed);
    ASSERT_EQ(::mkfifo((dir / "fifo").c_str(), 0600), 0);
    EXPECT_EQ(ask_disk_for_serial((dir / "fifo").native()).access, Access::absent)
        << "and it does not wait for a writer";
}

TEST(Tpm, without_a_reader_a_tpm_is_unreadable_and_says_who_reads_it) {
    const auto tpm = tpm_without_reader();
    EXPECT_EQ(tpm.ek_public.access,
              fs::exists("/sys/class/tpm/tpm0") ? Access::failed : Access::absent);
    EXPECT_FALSE(tpm.ek_public.origin.empty());
}

TEST(Tpm, that_hangs_holds_nobody_who_abandons_the_reading) {
    std::promise<void> reached;
    std::promise<void> wakes_up;
    const auto hardware =
        system_hardware([&reached, awake = wakes_up.get_future().share()]() -> hwid::RawTpm {
            reached.set_value();
            awake.wait();
            return {};
        });
    constexpr Duration kForEver = hours{24 * 365};
    auto reading = std::async(std::launch::async, [&] { return hardware->read(kForEver); });
    reached.get_future().wait();
    hardware->abandon();
    EXPECT_EQ(reading.get().tpm.ek_public.access, Access::timed_out);
    wakes_up.set_value();
}

TEST(Tpm, the_readers_answer_is_handed_on) {
    const auto raw = system_hardware([] {
                         return hwid::RawTpm{{Access::read, {1, 2, 3}, "a TPM"}};
                     })->read(kAmple);
    EXPECT_EQ(raw.tpm.ek_public.value, (hwid::RawBytes{1, 2, 3}));
}

TEST(Cpu, the_signature_is_put_together_from_family_model_and_stepping) {
    // i7-10700: family 6, model 165, stepping 5 is 0xA0655; EPYC 7763: 25, 1, 1 is 0xA00F11.
    EXPECT_EQ(
        signature_of_cpuinfo("cpu family\t: 6\nmodel\t\t: 165\nmodel name\t: x\nstepping\t: 5\n"),
        0xA0655u);
    EXPECT_EQ(signature_of_cpuinfo("cpu family\t: 25\nmodel\t\t: 1\nstepping\t: 1\n"), 0xA00F11u);
    EXPECT_EQ(signature_of_cpuinfo("model\t: 1\nstepping\t: 1\n"), std::nullopt);
    EXPECT_EQ(signature_of_cpuinfo("cpu family\t: 6\nmodel\t: 999\nstepping\t: 1\n"), std::nullopt);
    EXPECT_EQ(signature_of_cpuinfo("cpu family\t: 6\nmodel\t: x\nstepping\t: unknown\n"),
              std::nullopt);
    EXPECT_EQ(signature_of_cpuinfo(""), std::nullopt);
}

TEST(Cpu, the_kernels_flags_say_whether_there_is_a_hypervisor) {
    EXPECT_EQ(hypervisor_flag_of_cpuinfo("flags\t\t: fpu vme hypervisor lm\n"), true);
    EXPECT_EQ(hypervisor_flag_of_cpuinfo("flags\t\t: fpu hypervisor"), true);
    EXPECT_EQ(hypervisor_flag_of_cpuinfo("flags\t\t: fpu hypervisors vme\nx: hypervisor\n"), false);
    EXPECT_EQ(hypervisor_flag_of_cpuinfo("Features\t: fp asimd\n"), std::nullopt);
}

TEST(Rights, root_misses_nothing) {
    EXPECT_TRUE(::geteuid() != 0 || missing_rights_hint().empty());
}

}  // namespace
}  // namespace latchkey::platform
