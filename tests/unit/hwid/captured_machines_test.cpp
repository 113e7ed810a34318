// Whole machines from raw bytes to a verdict: what counts, what is set aside, who is who.

#include <gtest/gtest.h>

#include "hwid/assemble.h"
#include "hwid/match.h"
#include "hwid/normalize.h"
#include "hwid/snapshot.h"
#include "tests/fakes/machines.h"
#include "tests/fakes/raw_machines.h"
#include "tests/unit/hwid/fixture_files.h"

namespace latchkey::hwid {
namespace {

using namespace fakes;

constexpr WallTime kWhen{Duration{1'772'438'400'000}};  // 2026-03-02T08:00:00Z

Snapshot capture(const RawHardware& raw) { return assemble(raw, kWhen); }
Fingerprint print(const RawHardware& raw) { return fingerprint(capture(raw), plain_digest, "s1"); }
MatchResult compare(const RawHardware& before, const RawHardware& after) {
    return match(print(before), print(after), default_weights());
}

/// "kind value quality", without kinds that only describe the model.
std::vector<std::string> identity_of(const RawHardware& raw) {
    std::vector<std::string> out;
    for (const auto& c : capture(raw).components) {
        const bool tells = c.kind <= Kind::disk || c.kind == Kind::cloud_instance_id;
        if (tells && c.state == State::present)
            out.push_back(std::string(name(c.kind)) + " " + c.value + " " +
                          std::string(name(canonicalise(c).quality)));
    }
    return out;
}

std::string value_of(const RawHardware& raw, Kind kind) {
    for (const auto& c : capture(raw).components)
        if (c.kind == kind) return c.value;
    return "(none)";
}

using Lines = std::vector<std::string>;

TEST(CapturedMachines, a_desktop_has_all_four_anchors) {
    EXPECT_EQ(identity_of(raw_desktop()),
              (Lines{"system_uuid 44454c44-0031-1052-8039-b8c04f563333 good",
                     "system_serial 9BK5V33 good", "board_serial /9BK5V33/CNFCW0013700E2/ good",
                     "chassis_serial 9BK5V33 good",
                     "tpm_ek " + value_of(raw_desktop(), Kind::tpm_ek) + " good",
                     "nic a4:bb:6d:5e:21:9c good", "disk S64DNF0R812345A good"}));
    EXPECT_EQ(value_of(raw_desktop(), Kind::cpu_signature), "000a0655");
    EXPECT_EQ(value_of(raw_desktop(), Kind::cpu_count), "16");
    EXPECT_EQ(value_of(raw_desktop(), Kind::memory_total_mb), "32768");
    EXPECT_EQ(value_of(raw_desktop(), Kind::chassis_type), "Desktop");
    EXPECT_EQ(value_of(raw_desktop(), Kind::hypervisor), "none");
    EXPECT_EQ(strength(print(raw_desktop())), EvidenceStrength::strong);
}

TEST(CapturedMachines, a_laptops_docks_sticks_and_bridges_are_set_aside) {
    EXPECT_EQ(identity_of(raw_laptop()),
              (Lines{"system_uuid 44454ccc-0031-1052-8039-b8c04f563300 good",
                     "system_serial PF3K9XW2 good", "board_serial L1HF19D02QK good",
                     "chassis_serial PF3K9XW2 good",
                     "tpm_ek " + value_of(raw_laptop(), Kind::tpm_ek) + " good",
                     "nic 8c:8c:aa:6f:13:d2 good", "nic 98:fa:9b:41:7e:05 removable",
                     "nic 48:2a:e3:5b:77:21 removable", "nic 10:3d:1c:b7:90:4e good",
                     "disk S6B0NE0R704821 good", "disk 4C530001170412114215 removable"}));
    EXPECT_EQ(value_of(raw_laptop(), Kind::battery), "SMP/5B10W13933");
}

TEST(CapturedMachines, a_laptop_taken_out_of_its_docks_has_not_changed) {
    auto away = raw_laptop();
    std::erase_if(away.nics, [](const RawNic& nic) { return nic.bus == "usb" || nic.removable; });
    std::erase_if(away.disks, [](const RawDisk& disk) { return disk.bus == "usb"; });
    const auto result = compare(raw_laptop(), away);
    EXPECT_EQ(result.verdict, Verdict::same);
    EXPECT_FALSE(result.changed_any);
}

TEST(CapturedMachines, blades_share_their_enclosures_serial_and_are_machines_of_their_own) {
    EXPECT_EQ(value_of(raw_blade(1), Kind::chassis_serial),
              value_of(raw_blade(2), Kind::chassis_serial));
    EXPECT_EQ(value_of(raw_blade(1), Kind::chassis_type), "Blade");
    EXPECT_EQ(value_of(raw_blade(1), Kind::board_serial), "PVWJV0ARHC60L1") << "not the mezzanine";
    EXPECT_EQ(compare(raw_blade(1), raw_blade(2)).verdict, Verdict::different);
    EXPECT_EQ(compare(raw_blade(1), raw_blade(1)).verdict, Verdict::same);
}

TEST(CapturedMachines, four_nodes_of_one_chassis_are_four_machines) {
    EXPECT_EQ(value_of(raw_node(1), Kind::system_serial),
              value_of(raw_node(4), Kind::system_serial));
    for (int a = 1; a <= 4; ++a) {
        for (int b = 1; b <= 4; ++b) {
            EXPECT_EQ(compare(raw_node(a), raw_node(b)).verdict,
                      a == b ? Verdict::same : Verdict::different)
                << a << " and " << b;
        }
    }
}

TEST(CapturedMachines, a_white_boxs_placeholders_become_missing) {
    EXPECT_EQ(identity_of(raw_white_box()),
              (Lines{"system_uuid 03000200-0400-0500-0006-000700080009 placeholder",
                     "system_serial To Be Filled By O.E.M. placeholder",
                     "chassis_serial Default string placeholder", "nic 70:85:c2:4f:18:aa good",
                     "disk WD-WX32D1A7KE9P good"}));
    auto other = raw_white_box();
    other.nics[0].permanent_address.value = "70:85:c2:51:22:0e";
    other.disks[0].serial.value = "     WD-WX92D90C1H4T";
    EXPECT_NE(compare(raw_white_box(), other).verdict, Verdict::same)
        << "another one of the same parts shares the placeholders, and nothing else";
}

TEST(CapturedMachines, raid_volumes_and_network_disks_are_no_parts_of_the_machine) {
    const auto lines = identity_of(raw_raid_server());
    EXPECT_EQ(Lines(lines.end() - 3, lines.end()),
              (Lines{"disk 009b8d71002f5a0e1300e1c4b7a06d86 virtual",
                     "disk 6c7867614d4f5a35 virtual", "disk S462NA0M500123 good"}));
}

TEST(CapturedMachines, a_guests_uuid_and_address_are_the_hypervisors) {
    for (const auto& raw : {raw_kvm_guest(), raw_hyperv_guest(), raw_vmware_guest()}) {
        EXPECT_TRUE(is_virtual_machine(print(raw)));
        EXPECT_EQ(compare(raw, raw).verdict, Verdict::same) << "UUID and address agree";
        auto moved = raw;
        moved.nics[0].permanent_address.value = "00:15:5d:77:00:31";
        moved.nics[0].address.value = "00:15:5d:77:00:31";
        EXPECT_NE(compare(raw, moved).verdict, Verdict::same)
            << "a UUID travels with a copied disk image";
    }
    EXPECT_EQ(value_of(raw_kvm_guest(), Kind::hypervisor), "kvm");
    EXPECT_EQ(value_of(raw_hyperv_guest(), Kind::hypervisor), "microsoft");
    EXPECT_EQ(value_of(raw_vmware_guest(), Kind::hypervisor), "vmware");
}

TEST(CapturedMachines, a_guests_disks_are_never_evidence) {
    for (const auto& raw : {raw_kvm_guest(), raw_hyperv_guest(), raw_vmware_guest(),
                            raw_ec2_instance(), raw_google_instance(), raw_openstack_instance()}) {
        for (const auto& c : capture(raw).components) {
            if (c.kind == Kind::disk) {
                EXPECT_NE(canonicalise(c).quality, Quality::good) << c.value;
            }
        }
    }
}

TEST(CapturedMachines, a_cloud_instance_is_known_by_its_id_whatever_its_address) {
    for (const auto& raw : {raw_ec2_instance(), raw_azure_instance(), raw_google_instance(),
                            raw_openstack_instance()}) {
        auto moved = raw;
        moved.nics[0].permanent_address.value = "06:11:22:0a:0b:0c";
        moved.nics[0].address.value = "06:11:22:0a:0b:0c";
        EXPECT_TRUE(is_virtual_machine(print(raw)));
        EXPECT_EQ(compare(raw, moved).verdict, Verdict::same)
            << value_of(raw, Kind::cloud_instance_id);
    }
    EXPECT_EQ(value_of(raw_ec2_instance(), Kind::cloud_instance_id), "i-0a1b2c3d4e5f60718");
    EXPECT_EQ(value_of(raw_azure_instance(), Kind::cloud_instance_id),
              "44454c7a-0031-1052-8039-b8c04f56335c");
    EXPECT_EQ(value_of(raw_google_instance(), Kind::cloud_instance_id),
              "GoogleCloud-1F3B8A70C46E92D5B07142E9D83C5FA6");
    EXPECT_EQ(value_of(raw_hyperv_guest(), Kind::cloud_instance_id), "(none)")
        << "the same firmware outside of Azure";
}

TEST(CapturedMachines, an_arm_board_without_smbios_is_known_by_its_device_tree_and_address) {
    EXPECT_EQ(identity_of(raw_arm_board()),
              (Lines{"system_serial 10000000e3a1b47c good", "nic dc:a6:32:4e:17:0b good",
                     "nic dc:a6:32:4e:17:0c good", "disk 0x3a51c07e removable"}));
    EXPECT_EQ(value_of(raw_arm_board(), Kind::system_product), "Raspberry Pi 4 Model B Rev 1.4");
    EXPECT_EQ(value_of(raw_arm_board(), Kind::cpu_model), "arm 0x41 0xd08");
    EXPECT_EQ(strength(print(raw_arm_board())), EvidenceStrength::strong);
    auto new_card = raw_arm_board();
    new_card.disks[0].serial.value = "0x77aa01b3";
    const auto result = compare(raw_arm_board(), new_card);
    EXPECT_EQ(result.verdict, Verdict::same);
    EXPECT_FALSE(result.changed_any);
}

TEST(CapturedMachines, the_fixture_files_are_these_machines) {
    const std::pair<const char*, RawHardware> files[] = {
        {"blade", raw_blade(1)},        {"four-node-1", raw_node(1)},
        {"four-node-2", raw_node(2)},   {"hyperv", raw_hyperv_guest()},
        {"vmware", raw_vmware_guest()}, {"cloud", raw_ec2_instance()},
        {"arm-board", raw_arm_board()}};
    for (const auto& [name, raw] : files) expect_fixture(name, capture(raw));
}

}  // namespace
}  // namespace latchkey::hwid
