// Macs from their I/O registry to a verdict: what counts, what is set aside, who is who.

#include <gtest/gtest.h>

#include "hwid/assemble.h"
#include "hwid/match.h"
#include "hwid/normalize.h"
#include "hwid/snapshot.h"
#include "hwid/unread.h"
#include "tests/fakes/machines.h"
#include "tests/fakes/macs.h"
#include "tests/unit/hwid/fixture_files.h"

namespace latchkey::hwid {
namespace {

using namespace fakes;
using Lines = std::vector<std::string>;

constexpr WallTime kWhen{Duration{1'772'438'400'000}};  // 2026-03-02T08:00:00Z

Snapshot capture(const RawHardware& raw) { return assemble(raw, kWhen); }
Fingerprint print(const RawHardware& raw) { return fingerprint(capture(raw), plain_digest, "s1"); }
MatchResult compare(const RawHardware& before, const RawHardware& after) {
    return match(print(before), print(after), default_weights());
}

/// "kind value quality", without kinds that only describe the model.
Lines identity_of(const RawHardware& raw) {
    Lines out;
    for (const auto& c : capture(raw).components)
        if (c.kind <= Kind::disk && c.state == State::present)
            out.push_back(std::string(name(c.kind)) + " " + c.value + " " +
                          std::string(name(canonicalise(c).quality)));
    return out;
}

std::string value_of(const RawHardware& raw, Kind kind) {
    for (const auto& c : capture(raw).components)
        if (c.kind == kind) return c.value;
    return "(none)";
}

RawHardware macbook() { return raw_mac(macbook_pro_m1()); }
RawHardware mini() { return raw_mac(mac_mini_t2()); }
RawHardware imac() { return raw_mac(imac_2017()); }
RawHardware guest() { return raw_mac(vm_apple()); }
RawHardware vmware() { return raw_mac(vm_vmware()); }

RawNic& card(RawHardware& raw, std::string_view name) {
    return *std::find_if(raw.nics.begin(), raw.nics.end(),
                         [&](const RawNic& nic) { return nic.name == name; });
}
RawDisk& disk(RawHardware& raw, std::string_view name) {
    return *std::find_if(raw.disks.begin(), raw.disks.end(),
                         [&](const RawDisk& d) { return d.name == name; });
}

TEST(CapturedMacs, a_laptop_with_apples_chip_has_board_wifi_and_ssd) {
    EXPECT_EQ(identity_of(macbook()),
              (Lines{"system_uuid 8E1D5A0C-3F72-5B94-A6E8-17C4D2905B3F good",
                     "system_serial FVFX40QK7W1R good", "board_serial FV9G3180AW1N7V41R good",
                     "nic f8:4d:89:6a:2c:51 good", "nic 5a:d3:16:07:99:e4 removable",
                     "nic 00:e0:4c:68:15:a7 removable", "disk 0ba0148ce2713c08 good",
                     "disk S5TYNS0R701234 removable"}));
    EXPECT_EQ(value_of(macbook(), Kind::cpu_model), "Apple M1");
    EXPECT_EQ(value_of(macbook(), Kind::gpu), "Apple M1, 8 cores");
    EXPECT_EQ(value_of(macbook(), Kind::hypervisor), "none");
    EXPECT_EQ(value_of(macbook(), Kind::memory_total_mb), "16384");
    EXPECT_EQ(value_of(macbook(), Kind::system_product), "MacBookPro17,1");
    EXPECT_EQ(strength(print(macbook())), EvidenceStrength::strong);
    EXPECT_FALSE(is_virtual_machine(print(macbook())));
}

TEST(CapturedMacs, an_intel_macs_uuid_is_the_platforms_and_its_board_is_in_the_table) {
    EXPECT_EQ(identity_of(mini()),
              (Lines{"system_uuid 4B7F93D1-8C25-5E6A-9D04-B1E7A3C86F52 good",
                     "system_serial C07ZX2MKJYVW good", "board_serial C07924301CDJYGK1M good",
                     "chassis_serial C07ZX2MKJYVW good", "nic f0:18:98:ec:4a:07 good",
                     "nic f0:18:98:33:d1:9e good", "nic ac:de:48:00:11:22 removable",
                     "nic 64:4b:f0:12:7e:83 removable", "disk C02913502W4J1Y54K good"}));
    EXPECT_EQ(value_of(mini(), Kind::cpu_signature), "000906ea");
    EXPECT_EQ(value_of(mini(), Kind::chassis_type), "Lunch Box");
    EXPECT_EQ(value_of(mini(), Kind::bios_version), "1968.120.12.0.0");
    EXPECT_EQ(value_of(mini(), Kind::memory_total_mb), "16384") << "the sum of its modules";
}

TEST(CapturedMacs, a_table_that_cannot_be_read_once_changes_no_uuid) {
    auto hidden = mini();
    hidden.smbios_table = {Access::timed_out, {}, "AppleSMBIOS"};
    hidden.smbios_entry_point = {Access::timed_out, {}, "AppleSMBIOS"};
    const auto result = compare(mini(), hidden);
    EXPECT_EQ(result.verdict, Verdict::same);
    EXPECT_FALSE(result.significant);
    EXPECT_FALSE(result.changed_any);
}

TEST(CapturedMacs, a_platform_that_cannot_be_read_takes_no_other_uuid_for_its_own) {
    auto hidden = mini();
    hidden.platform_fields = platform::platform_fields_of({});
    EXPECT_EQ(value_of(hidden, Kind::system_uuid), "") << "firmware's is another one";
    const auto result = compare(mini(), hidden);
    EXPECT_EQ(result.verdict, Verdict::same);
    EXPECT_FALSE(result.changed_any);
    EXPECT_FALSE(unread_sources(hidden).empty());
    EXPECT_TRUE(unread_sources(mini()).empty());
}

TEST(CapturedMacs, a_reinstalled_mac_is_the_same) {
    for (const auto& before : {macbook(), mini(), imac()}) {
        auto after = before;
        after.os_edition.value = "macos 15";
        for (auto& disk : after.disks) disk.name += "9";
        const auto result = compare(before, after);
        EXPECT_EQ(result.verdict, Verdict::same);
        EXPECT_FALSE(result.significant);
        EXPECT_FALSE(result.changed_any);
    }
}

TEST(CapturedMacs, what_is_plugged_in_does_not_count) {
    auto away = macbook();
    std::erase_if(away.nics, [](const RawNic& nic) { return nic.bus == "usb"; });
    std::erase_if(away.disks, [](const RawDisk& d) { return d.removable || d.is_virtual; });
    EXPECT_FALSE(compare(macbook(), away).changed_any);
    auto unplugged = mini();
    std::erase_if(unplugged.nics, [](const RawNic& nic) { return nic.removable; });
    std::erase_if(unplugged.displays, [](const RawDisplay& d) { return d.removable; });
    EXPECT_FALSE(compare(mini(), unplugged).changed_any);
}

TEST(CapturedMacs, a_private_wifi_address_is_no_other_card) {
    auto private_now = macbook();
    card(private_now, "en0").permanent_address.value = "b6:0e:71:5d:93:2a";
    const auto result = compare(macbook(), private_now);
    EXPECT_EQ(result.verdict, Verdict::same);
    EXPECT_FALSE(result.changed_any);
}

/// Apple's service writes the system's serial number into the board it puts in; UUID, Wi-Fi and SSD
/// are on it.
RawHardware with_new_board(RawHardware raw) {
    raw.platform_fields["product_uuid"].value = "1F6C03B7-94DE-5A28-8B71-E5D2704AC93E";
    raw.platform_fields["board_serial"] = {Access::read, "FV9H2770BX2P7V41A", ""};
    card(raw, "en0").permanent_address.value = "f8:4d:89:b1:70:3e";
    disk(raw, "disk0").serial.value = "0ba01d7741fe2a13";
    return raw;
}

TEST(CapturedMacs, another_logic_board_under_the_old_serial_number_is_another_machine) {
    EXPECT_EQ(compare(macbook(), with_new_board(macbook())).verdict, Verdict::different);
}

TEST(CapturedMacs, another_mac_of_the_model_is_another_machine) {
    auto other = with_new_board(macbook());
    other.platform_fields["product_serial"].value = "FVFX77B27W1R";
    EXPECT_EQ(compare(macbook(), other).verdict, Verdict::different);
}

TEST(CapturedMacs, an_imacs_new_disk_and_memory_are_a_change_and_no_other_machine) {
    auto after = imac();
    disk(after, "disk1").serial.value = "            Z9A0Q7M2";
    const auto result = compare(imac(), after);
    EXPECT_EQ(result.verdict, Verdict::same);
    EXPECT_FALSE(result.significant);
    EXPECT_TRUE(result.changed_any);
    EXPECT_EQ(identity_of(imac()).back(), "disk Z8E2K1T9 good");
    std::erase_if(after.disks, [](const RawDisk& d) { return d.name == "disk0"; });
    EXPECT_EQ(compare(imac(), after).verdict, Verdict::same) << "nor does it need its SSD";
}

TEST(CapturedMacs, an_empty_card_reader_is_no_disk) {
    for (const auto& line : identity_of(imac())) EXPECT_EQ(line.find("000000000820"), line.npos);
}

TEST(CapturedMacs, a_guest_is_seen_as_one) {
    EXPECT_EQ(value_of(guest(), Kind::hypervisor), "apple");
    EXPECT_EQ(value_of(vmware(), Kind::hypervisor), "vmware");
    EXPECT_TRUE(is_virtual_machine(print(guest())));
    EXPECT_TRUE(is_virtual_machine(print(vmware())));
    EXPECT_EQ(identity_of(guest()), (Lines{"system_uuid 61C8E5F2-0D9B-5A43-B7E6-4F28A19C05D3 good",
                                           "system_serial Z3QX7M0V1K good",
                                           "nic 1a:5e:c3:70:9d:42 virtual", "disk  placeholder"}));
    EXPECT_EQ(canonicalise(capture(guest()).components.front()).quality, Quality::good);
}

TEST(CapturedMacs, a_guest_that_kept_uuid_and_address_is_the_same_and_a_copy_is_not) {
    for (const auto& before : {guest(), vmware()}) {
        EXPECT_EQ(compare(before, before).verdict, Verdict::same);
        auto new_address = before;
        card(new_address, "en0").permanent_address.value = "1a:5e:c3:00:00:07";
        EXPECT_NE(compare(before, new_address).verdict, Verdict::same)
            << "its disk was copied into another machine";
        auto copy = new_address;
        copy.platform_fields["product_uuid"].value = "0B3F7A9D-5C42-5E18-A6D0-92E7C1F4B853";
        copy.platform_fields["product_serial"].value = "Z0ABCDEFG1";
        EXPECT_EQ(compare(before, copy).verdict, Verdict::different);
    }
}

TEST(CapturedMacs, a_mac_and_a_guest_on_it_are_two_machines) {
    EXPECT_EQ(compare(macbook(), guest()).verdict, Verdict::different);
}

TEST(CapturedMacs, the_fixture_files_are_these_macs) {
    const std::pair<const char*, RawHardware> files[] = {
        {"mac-laptop", macbook()}, {"mac-desktop", mini()}, {"mac-guest", guest()}};
    for (const auto& [name, raw] : files) expect_fixture(name, capture(raw));
}

}  // namespace
}  // namespace latchkey::hwid
