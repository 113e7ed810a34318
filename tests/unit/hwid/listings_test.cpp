// Disks, network interfaces, display adapters, batteries: what counts, what is set aside.

#include <gtest/gtest.h>

#include "hwid/devices.h"
#include "hwid/disks.h"
#include "hwid/nics.h"
#include "hwid/normalize.h"

namespace latchkey::hwid {
namespace {

RawText text(std::string value) { return {Access::read, std::move(value), ""}; }

RawDisk disk(std::string name, std::string bus, std::string serial) {
    RawDisk out;
    out.name = std::move(name);
    out.bus = std::move(bus);
    out.serial = text(std::move(serial));
    out.size_bytes = 1'000'204'886'016;
    return out;
}

RawNic nic(std::string name, std::string permanent) {
    RawNic out;
    out.name = std::move(name);
    out.permanent_address = text(std::move(permanent));
    out.hardware_type = 1;
    out.bus = "pci";
    out.device = "8086:15fa";
    return out;
}

Component only(const std::vector<Component>& all, Kind kind) {
    for (const auto& c : all) {
        if (c.kind == kind) return c;
    }
    ADD_FAILURE() << "no " << name(kind);
    return {kind, "", "", {}, State::present};
}

TEST(Disks, an_internal_disk_is_its_serial_with_its_attributes) {
    auto raw = disk("nvme0n1", "nvme", "S5GXNX0T123456      ");
    raw.model = text("Samsung SSD 980 1TB");
    raw.eui = text("00-25-38-5b-71-b0-a1-c2");
    const auto got = only(parse_disks({raw}, Access::read), Kind::disk);
    EXPECT_EQ(got.value, "S5GXNX0T123456");
    EXPECT_EQ(got.slot, "nvme0n1");
    EXPECT_EQ(got.attribute("bus"), "nvme");
    EXPECT_EQ(got.attribute("model"), "Samsung SSD 980 1TB");
    EXPECT_EQ(got.attribute("size_gb"), "1000");
    EXPECT_EQ(got.attribute("wwn"), "eui.0025385b71b0a1c2");
    EXPECT_EQ(canonicalise(got).quality, Quality::good);
}

TEST(Disks, without_a_serial_the_world_wide_name_speaks) {
    for (const auto* wwn : {"naa.5000C500B915E6A6", "0x5000c500b915e6a6", "wwn-0x5000c500b915e6a6",
                            "5000c500b915e6a6"}) {
        auto raw = disk("sda", "ata", "");
        raw.wwn = text(wwn);
        EXPECT_EQ(only(parse_disks({raw}, Access::read), Kind::disk).value, "naa.5000c500b915e6a6")
            << wwn;
    }
    auto raw = disk("sda", "ata", "");
    raw.wwn = text("t10.ATA     Samsung SSD");
    EXPECT_EQ(only(parse_disks({raw}, Access::read), Kind::disk).value, "");
    raw.wwn = text("eui.0025385b71b0a1c2");
    EXPECT_EQ(only(parse_disks({raw}, Access::read), Kind::disk).value, "eui.0025385b71b0a1c2");
}

TEST(Disks, a_disk_that_hides_is_unreadable_and_one_without_id_is_worthless) {
    auto raw = disk("sda", "ata", "");
    raw.serial.access = Access::denied;
    EXPECT_EQ(only(parse_disks({raw}, Access::read), Kind::disk).state, State::unreadable);
    const auto nameless = only(parse_disks({disk("sda", "ata", "")}, Access::read), Kind::disk);
    EXPECT_EQ(nameless.state, State::present);
    EXPECT_EQ(canonicalise(nameless).quality, Quality::placeholder);
}

TEST(Disks, removable_and_raid_disks_are_seen_and_do_not_count) {
    auto stick = disk("sdb", "usb", "4C530001");
    EXPECT_EQ(canonicalise(only(parse_disks({stick}, Access::read), Kind::disk)).quality,
              Quality::removable);
    auto reader = disk("mmcblk0", "mmc", "0x12345678");
    reader.removable = true;
    EXPECT_EQ(canonicalise(only(parse_disks({reader}, Access::read), Kind::disk)).quality,
              Quality::removable);
    EXPECT_EQ(canonicalise(only(parse_disks({disk("sda", "raid", "61866da0b5ed")}, Access::read),
                                Kind::disk))
                  .quality,
              Quality::virtual_);
}

TEST(Disks, a_volume_of_an_array_is_known_by_its_name_beside_its_serial) {
    auto volume = disk("sda", "scsi", "009b8d71002f5a0e1300e1c4b7a06d86");
    volume.wwn = text("naa.61866da0b7c4e100213f5a2e0c9d8b71");
    EXPECT_EQ(canonicalise(only(parse_disks({volume}, Access::read), Kind::disk)).quality,
              Quality::virtual_);
    volume.wwn = text("naa.5002538b49753120");
    EXPECT_EQ(canonicalise(only(parse_disks({volume}, Access::read), Kind::disk)).quality,
              Quality::good);
    for (const char* bus : {"fc", "iscsi", "nvme-of", "vmbus", "xen", "virtio"})
        EXPECT_EQ(canonicalise(only(parse_disks({disk("sdb", bus, "S5GXNX0T123456")}, Access::read),
                                    Kind::disk))
                      .quality,
                  Quality::virtual_)
            << bus;
}

TEST(Disks, a_hidden_serial_is_not_replaced_by_another_id) {
    auto raw = disk("sda", "ata", "");
    raw.serial.access = Access::denied;
    raw.wwn = text("naa.5000c500b915e6a6");
    EXPECT_EQ(only(parse_disks({raw}, Access::read), Kind::disk).state, State::unreadable)
        << "with more rights the serial would name it, and it would look like another disk";
}

TEST(Disks, devices_with_nothing_behind_them_are_left_out) {
    auto loop = disk("loop0", "", "");
    loop.is_virtual = true;
    auto empty_reader = disk("sdc", "usb", "X12345");
    empty_reader.size_bytes = 0;
    const auto got = parse_disks({loop, empty_reader}, Access::read);
    ASSERT_EQ(got.size(), 1u);
    EXPECT_EQ(got[0].state, State::absent);
}

TEST(Disks, a_listing_that_failed_is_unreadable_not_absent) {
    EXPECT_EQ(parse_disks({}, Access::denied).at(0).state, State::unreadable);
    EXPECT_EQ(parse_disks({}, Access::timed_out).at(0).state, State::unreadable);
    EXPECT_EQ(parse_disks({}, Access::failed).at(0).state, State::unreadable);
    EXPECT_EQ(parse_disks({}, Access::absent).at(0).state, State::absent);
    EXPECT_EQ(parse_disks({}, Access::read).at(0).state, State::absent);
}

TEST(Disks, a_hostile_listing_stays_bounded) {
    EXPECT_LE(
        parse_disks(std::vector<RawDisk>(100'000, disk("x", "ata", "S1234")), Access::read).size(),
        kMaxComponents);
}

TEST(Nics, the_permanent_address_speaks) {
    auto raw = nic("enp3s0", "A4:BB:6D:12:34:56");
    raw.address = text("02:11:22:33:44:55");
    raw.driver = "e1000e";
    const auto all = parse_nics({raw}, Access::read);
    const auto got = only(all, Kind::nic);
    EXPECT_EQ(got.value, "a4:bb:6d:12:34:56");
    EXPECT_EQ(got.slot, "enp3s0");
    EXPECT_EQ(got.attribute("driver"), "e1000e");
    EXPECT_EQ(got.attribute("device"), "8086:15fa");
    EXPECT_EQ(only(all, Kind::nic_device).value, "pci:8086:15fa");
}

TEST(Nics, without_a_permanent_address_the_assign_type_decides) {
    for (const auto& [assign_type, state] : {std::pair{std::optional<int>(0), State::present},
                                             {std::optional<int>(2), State::unreadable},
                                             {std::optional<int>(3), State::unreadable},
                                             {std::optional<int>(), State::unreadable}}) {
        auto raw = nic("enp3s0", "00:00:00:00:00:00");
        raw.address = text("a4:bb:6d:12:34:56");
        raw.assign_type = assign_type;
        const auto got = only(parse_nics({raw}, Access::read), Kind::nic);
        EXPECT_EQ(got.state, state) << assign_type.value_or(-1);
        EXPECT_EQ(got.value.empty(), state == State::unreadable);
    }
}

TEST(Nics, a_randomised_address_is_local_evidence) {
    auto raw = nic("wlan0", "");
    raw.permanent_address.access = Access::failed;
    raw.address = text("6e:8e:90:64:3f:17");
    raw.assign_type = 1;
    EXPECT_EQ(canonicalise(only(parse_nics({raw}, Access::read), Kind::nic)).quality,
              Quality::local);
}

TEST(Nics, bridges_loopback_and_docks_do_not_count) {
    auto bridge = nic("docker0", "02:42:ac:11:00:02");
    bridge.is_virtual = true;
    auto loopback = nic("lo", "");
    loopback.hardware_type = 772;
    EXPECT_EQ(parse_nics({bridge, loopback}, Access::read).at(0).state, State::absent);
    auto dock = nic("enx00e04c", "a4:bb:6d:12:34:56");
    dock.bus = "usb";
    const auto got = parse_nics({dock}, Access::read);
    EXPECT_EQ(canonicalise(only(got, Kind::nic)).quality, Quality::removable);
    EXPECT_EQ(got.size(), 1u) << "a dock's model is no part of the machine";
}

TEST(Nics, a_card_at_a_thunderbolt_port_is_a_docks) {
    auto dock = nic("enp12s0", "98:fa:9b:41:7e:05");
    dock.removable = true;
    const auto got = parse_nics({dock}, Access::read);
    EXPECT_EQ(canonicalise(only(got, Kind::nic)).quality, Quality::removable);
    EXPECT_EQ(got.size(), 1u);
}

TEST(Nics, infiniband_is_a_kind_of_its_own) {
    auto raw = nic("ib0", "80:00:02:08:fe:80:00:00:00:00:00:00:00:02:c9:03:00:0d:7a:e1");
    raw.hardware_type = 32;
    const auto all = parse_nics({raw}, Access::read);
    EXPECT_EQ(canonicalise(only(all, Kind::infiniband_guid)).value, "0002c903000d7ae1");
    EXPECT_EQ(only(all, Kind::nic).state, State::absent);
}

TEST(Nics, a_listing_that_failed_is_unreadable_not_absent) {
    EXPECT_EQ(parse_nics({}, Access::denied).at(0).state, State::unreadable);
    EXPECT_EQ(parse_nics({}, Access::absent).at(0).state, State::absent);
    EXPECT_EQ(parse_nics({}, Access::read).at(0).state, State::absent);
}

TEST(Displays, pci_ids_name_the_card) {
    const auto got = parse_displays({{"0000:01:00.0", "10DE", "1b80", "10de:119e", "1", false},
                                     {"x", "10d", "zzzz", "", "", false}},
                                    Access::read);
    ASSERT_EQ(got.size(), 1u);
    EXPECT_EQ(got[0].value, "pci:10de:1b80");
    EXPECT_EQ(got[0].attribute("subsystem"), "10de:119e");
    EXPECT_EQ(canonicalise(got[0]).quality, Quality::good);
    const auto box =
        parse_displays({{"0000:3c:00.0", "10de", "1b80", "", "0", true}}, Access::read);
    EXPECT_EQ(canonicalise(box.at(0)).quality, Quality::removable) << "in a case on the desk";
    EXPECT_EQ(parse_displays({}, Access::read).at(0).state, State::absent);
    EXPECT_EQ(parse_displays({}, Access::failed).at(0).state, State::unreadable);
    EXPECT_TRUE(parse_displays({}, Access::absent).empty());
}

TEST(Batteries, maker_and_model_name_a_battery) {
    const auto got = parse_batteries(
        {{"BAT0", text("4711"), text("SMP"), text("5B10W13933")}, {"BAT1", {}, {}, {}}});
    ASSERT_EQ(got.size(), 1u);
    EXPECT_EQ(got[0].value, "SMP/5B10W13933");
}

TEST(Tpm, the_endorsement_key_becomes_a_short_name) {
    RawTpm tpm;
    EXPECT_EQ(parse_tpm(tpm).at(0).state, State::absent);
    tpm.ek_public.access = Access::denied;
    EXPECT_EQ(parse_tpm(tpm).at(0).state, State::unreadable);
    tpm.ek_public.access = Access::read;
    EXPECT_EQ(parse_tpm(tpm).at(0).state, State::unreadable) << "read, and nothing in it";
    tpm.ek_public.value.assign(314, 7);
    const auto one = parse_tpm(tpm).at(0);
    EXPECT_EQ(one.value.size(), 32u);
    EXPECT_EQ(canonicalise(one).quality, Quality::good);
    tpm.ek_public.value[100] = 8;
    EXPECT_NE(parse_tpm(tpm).at(0).value, one.value);
}

TEST(Situation, the_operating_system_says_who_it_is) {
    RawHardware raw;
    raw.os_release = text("NAME=\"Debian\"\nVERSION_ID=\"12\"\nID=debian\nVARIANT_ID='server'\n");
    raw.os_machine_id = text("0123456789abcdef0123456789abcdef\n");
    raw.vm_generation_id.access = Access::denied;
    const auto got = parse_situation(raw);
    EXPECT_EQ(only(got, Kind::os_edition).value, "debian 12 server");
    EXPECT_EQ(only(got, Kind::os_machine_id).value, "0123456789abcdef0123456789abcdef");
    EXPECT_EQ(only(got, Kind::vm_generation_id).state, State::unreadable);
    EXPECT_TRUE(parse_situation({}).empty());
}

}  // namespace
}  // namespace latchkey::hwid
