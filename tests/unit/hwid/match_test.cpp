// The verdict rules of docs/identity.md, one by one.

#include <gtest/gtest.h>

#include "hwid/match.h"
#include "tests/unit/hwid/small_machines.h"

namespace latchkey::hwid {
namespace {

using namespace small;

TEST(MatchMachines, C4_an_unchanged_machine_is_the_same_without_any_change) {
    for (const auto* name : {"desktop", "laptop", "vm", "whitebox", "server"}) {
        SCOPED_TRACE(name);
        expect_same(compare(fixture(name), fixture(name)), false, false);
    }
}

TEST(MatchMachines, C2_a_swapped_network_card_or_disk_is_a_change_and_not_significant) {
    expect_same(compare(fixture("desktop"), fixture("desktop-nic-swapped")), false, true);
    expect_same(compare(fixture("desktop"), fixture("desktop-disk-swapped")), false, true);
}

TEST(MatchMachines, C3_a_replaced_mainboard_is_significant) {
    expect_same(compare(fixture("desktop"), fixture("desktop-board-replaced")), true, true);
}

TEST(MatchMachines, C1_a_twin_of_the_same_model_is_another_machine) {
    const auto got = compare(fixture("desktop"), fixture("desktop-twin"));
    EXPECT_EQ(got.verdict, Verdict::different);
    EXPECT_TRUE(got.significant);
}

TEST(MatchMachines, no_two_fixtures_but_the_desktops_are_the_same) {
    const std::vector<std::string> names{"desktop", "desktop-twin", "laptop",
                                         "vm",      "whitebox",     "server"};
    for (const auto& one : names) {
        for (const auto& two : names) {
            if (one == two) continue;
            EXPECT_NE(compare(fixture(one), fixture(two)).verdict, Verdict::same)
                << one << " " << two;
        }
    }
}

TEST(Match, two_agreeing_anchors_make_the_same_machine) {
    expect_same(compare({kSerial, kNic, kDisk}, {kSerial, kOtherNic, kDisk}), false, true);
    expect_same(compare({kSerial, kNic, kDisk}, {kSerial, kNic, kOtherDisk}), false, true);
    expect_same(compare({kTpm, kNic, kDisk}, {kTpm, kOtherNic, kDisk}), false, true);
}

TEST(Match, one_anchor_is_enough_where_none_contradicts) {
    expect_same(compare({kNic}, {kNic}), false, false);
    expect_same(compare({kDisk}, {kDisk}), false, false);
    expect_same(compare({kTpm}, {kTpm}), false, false);
    expect_same(compare({kSerial}, {kSerial}), false, false);
}

TEST(Match, disks_alone_do_not_carry_a_machine_into_another_model) {
    const auto other_model = c(Kind::system_product, "ThinkPad X200");
    EXPECT_EQ(compare({kDisk, kModel}, {kDisk, other_model}).verdict, Verdict::different);
    expect_same(compare({kNic, kModel}, {kNic, other_model}), false, false);
    expect_same(compare({kDisk, kModel}, {kDisk, kModel}), false, false);
}

TEST(Match, a_batchs_board_serial_does_not_carry_another_systems_identity) {
    const Parts before{kUuid, kSerial, kBoard, kNic, kDisk};
    const auto moved = compare(before, {kOtherUuid, kOtherSerial, kBoard, kOtherNic, kDisk});
    EXPECT_EQ(anchor(moved, Anchor::board), AnchorState::contradicts);
    EXPECT_EQ(moved.verdict, Verdict::different);
    const auto rewritten = compare(before, {kOtherUuid, kSerial, kBoard, kOtherNic, kDisk});
    EXPECT_EQ(anchor(rewritten, Anchor::board), AnchorState::partly) << "one value is new";
}

TEST(Match, a_chassis_alone_proves_nothing_because_blades_share_it) {
    EXPECT_EQ(compare({kChassis}, {kChassis}).verdict, Verdict::insufficient);
    EXPECT_EQ(compare({kChassis, kNic, kDisk}, {kChassis, kOtherNic, kOtherDisk}).verdict,
              Verdict::different);
    EXPECT_EQ(compare({kChassis, kNic}, {kChassis, kOtherNic}).verdict, Verdict::insufficient);
    expect_same(compare({kChassis, kNic, kDisk}, {kChassis, kOtherNic, kDisk}), false, true);
}

TEST(Match, the_board_stands_alone_where_two_of_its_values_agree) {
    const auto got =
        compare({kUuid, kSerial, kNic, kDisk}, {kUuid, kSerial, kOtherNic, kOtherDisk});
    EXPECT_EQ(got.verdict, Verdict::same);
    EXPECT_TRUE(got.significant) << "network cards and all disks went together";
    EXPECT_EQ(anchor(got, Anchor::board), AnchorState::agrees);
}

TEST(Match, one_value_of_the_board_may_be_a_whole_batchs) {
    EXPECT_EQ(compare({kUuid, kNic, kDisk}, {kUuid, kOtherNic, kOtherDisk}).verdict,
              Verdict::different);
    expect_same(compare({kUuid, kNic}, {kUuid, kOtherNic}), false, true);
    const auto filled_in = c(Kind::board_serial, "Default string");
    EXPECT_NE(compare({kUuid, filled_in, kNic}, {kUuid, kBoard, kOtherNic}).verdict, Verdict::same)
        << "a serial number appeared: that is no repair of a card";
    EXPECT_NE(compare({kUuid, kSerial, kBoard, kNic, kDisk},
                      {kUuid, kOtherSerial, kOtherBoard, kOtherNic, kDisk2})
                  .verdict,
              Verdict::same);
}

TEST(Match, a_disk_moved_into_another_unit_does_not_take_the_identity_along) {
    EXPECT_EQ(compare({kUuid, kSerial, kNic, kDisk, kModel},
                      {kOtherUuid, kOtherSerial, kOtherNic, kDisk, kModel})
                  .verdict,
              Verdict::different);
}

TEST(Match, a_rewritten_serial_number_is_forgiven_while_every_onboard_address_stayed) {
    expect_same(compare({kSerial, kNic, kNic2, kModel}, {kOtherSerial, kNic, kNic2, kModel}), false,
                true);
    expect_same(compare({kSerial, kNic, kModel}, {kOtherSerial, kNic, kNic2, kModel}), false, true);
    expect_same(compare({kSerial, kNic, kNic2, kModel}, {kOtherSerial, kNic, kModel}), false, true);
    EXPECT_EQ(
        compare({kSerial, kNic, kNic2, kModel}, {kOtherSerial, kNic, kOtherNic, kModel}).verdict,
        Verdict::different)
        << "one card went and another came";
    EXPECT_EQ(
        compare({kSerial, kNic, kModel}, {kOtherSerial, kNic, c(Kind::system_product, "ProLiant")})
            .verdict,
        Verdict::different)
        << "another model";
    EXPECT_EQ(
        compare({kSerial, kNic, kDisk, kModel}, {kOtherSerial, kNic, kOtherDisk, kModel}).verdict,
        Verdict::different)
        << "the disk contradicts too";
}

// Service software rewrites a serial number or the UUID; a board whose every value is new is
// another board, whatever add-in card and disk came along.
TEST(Match, C3_a_board_with_neither_uuid_nor_serial_left_is_significant_beside_the_old_card) {
    const auto result = compare({kUuid, kSerial, kBoard, kNic, kDisk, kModel},
                                {kOtherUuid, kOtherSerial, kOtherBoard, kNic, kDisk, kModel});
    expect_same(result, true, true);
    const auto tag_written_back = compare({kUuid, kSerial, kBoard, kNic, kDisk, kModel},
                                          {kOtherUuid, kSerial, kOtherBoard, kNic, kDisk, kModel});
    expect_same(tag_written_back, true, true);
}

TEST(Match, addresses_stand_for_a_board_without_identity) {
    expect_same(compare({kNic, kDisk}, {kNic, kOtherDisk}), false, true);
    EXPECT_EQ(compare({kNic, kDisk}, {kOtherNic, kDisk}).verdict, Verdict::insufficient)
        << "a repaired card, or the disk in another machine: nobody can tell";
    EXPECT_NE(compare({kNic, kDisk, kTpm}, {kNic, kOtherDisk, kOtherTpm}).verdict, Verdict::same);
}

TEST(Match, model_level_evidence_alone_is_never_enough) {
    Parts model;
    for (const auto& component : fakes::machine("desktop").components) {
        if (component.kind > Kind::disk) model.push_back(component);
    }
    EXPECT_EQ(compare(model, model).verdict, Verdict::insufficient);
}

TEST(Match, without_any_anchor_on_one_side_evidence_is_insufficient) {
    EXPECT_EQ(compare(Parts{}, Parts{}).verdict, Verdict::insufficient);
    EXPECT_EQ(
        compare({kSerial, kNic}, {unreadable(Kind::system_serial), unreadable(Kind::nic)}).verdict,
        Verdict::insufficient);
    EXPECT_EQ(compare({kSerial}, {kDisk}).verdict, Verdict::insufficient);
}

TEST(Match, another_salt_is_an_error_and_never_another_machine) {
    auto other = print({kSerial, kNic});
    other.salt_id = "s2";
    const auto got = compare(print({kSerial, kNic}), other);
    EXPECT_EQ(got.verdict, Verdict::insufficient);
    EXPECT_TRUE(got.components.empty());
}

TEST(Match, network_cards_and_all_disks_together_are_significant_unless_the_tpm_agrees) {
    expect_same(
        compare({kUuid, kSerial, kNic, kDisk, kTpm}, {kUuid, kSerial, kOtherNic, kOtherDisk, kTpm}),
        false, true);
    expect_same(compare({kUuid, kSerial, kNic, kDisk, kTpm},
                        {kUuid, kSerial, kOtherNic, kOtherDisk, kOtherTpm}),
                true, true);
    expect_same(compare({kUuid, kSerial, kNic, kDisk, kDisk2}, {kUuid, kSerial, kOtherNic, kDisk}),
                false, true);
}

TEST(Match, a_lost_board_identity_is_significant) {
    expect_same(compare({kUuid, kSerial, kBoard, kNic, kDisk},
                        {kOtherUuid, kSerial, kOtherBoard, kOtherNic, kDisk}),
                true, true);
    expect_same(compare({kSerial, kNic, kNic2, kDisk}, {kOtherSerial, kNic, kOtherNic, kDisk}),
                true, true);
}

TEST(Match, a_rewritten_system_serial_on_the_same_board_is_not_significant) {
    expect_same(compare({kSerial, kBoard, kNic, kDisk}, {kOtherSerial, kBoard, kOtherNic, kDisk}),
                false, true);
}

TEST(Match, a_new_bios_memory_graphics_card_or_processor_is_not_significant) {
    const Parts base{kSerial, kNic, kDisk};
    const auto with = [&](const Component& part) {
        Parts out = base;
        out.push_back(part);
        return out;
    };
    struct Case {
        Kind kind;
        const char* before;
        const char* after;
        bool counted;
    };
    for (const auto& [kind, before, after, counted] :
         {Case{Kind::bios_version, "1.14.1", "1.21.0", false},
          Case{Kind::bios_date, "07/21/2022", "05/16/2023", false},
          Case{Kind::smbios_version, "3.2", "3.3", false},
          Case{Kind::monitor, "P27h-20", "U2720Q", false},
          Case{Kind::battery, "SMP/5B10W13933", "LGC/45N1127", false},
          Case{Kind::os_machine_id, "5f1c2a9be0d34c57a1b2c3d4e5f60718",
               "0d9e8f7a6b5c4d3e2f1a0b9c8d7e6f5a", false},
          Case{Kind::os_edition, "debian 12", "debian 13", false},
          Case{Kind::memory_total_mb, "16384", "32768", true},
          Case{Kind::memory_module, "2AA3F87D", "2AA401B2", true},
          Case{Kind::gpu, "pci:10de:1f08", "pci:10de:2484", true},
          Case{Kind::cpu_model, "Intel i7-10700", "Intel i9-10900", true},
          Case{Kind::cpu_signature, "000a0655", "000a0653", true},
          Case{Kind::cpu_count, "16", "20", true}}) {
        SCOPED_TRACE(name(kind));
        expect_same(compare(with(c(kind, before)), with(c(kind, after))), false, counted);
        EXPECT_EQ(is_counted_change(kind), counted);
    }
}

TEST(Match, whatever_is_not_the_same_machine_is_significant) {
    EXPECT_TRUE(compare({kSerial}, {kOtherSerial}).significant);
    EXPECT_TRUE(compare(Parts{}, Parts{}).significant);
}

TEST(MatchVirtual, uuid_and_address_together_are_the_same_and_the_processor_may_change) {
    expect_same(compare({kKvm, kUuid, kVmNic, c(Kind::cpu_model, "Xeon Gold 6130")},
                        {kKvm, kUuid, kVmNic, c(Kind::cpu_model, "Xeon Gold 6330")}),
                false, true);
}

TEST(MatchVirtual, a_clone_with_another_address_or_uuid_is_another_machine) {
    EXPECT_EQ(compare({kKvm, kUuid, kVmNic}, {kKvm, kUuid, kOtherVmNic}).verdict,
              Verdict::different);
    EXPECT_EQ(compare({kKvm, kUuid, kVmNic}, {kKvm, kOtherUuid, kVmNic}).verdict,
              Verdict::different);
    EXPECT_EQ(compare({kKvm, kUuid, kVmNic}, {kKvm, kOtherUuid, kOtherVmNic}).verdict,
              Verdict::different);
}

TEST(MatchVirtual, a_tpm_or_a_cloud_identity_proves_what_the_uuid_cannot) {
    const auto cloud = c(Kind::cloud_instance_id, "i-0123456789abcdef0");
    const auto other_cloud = c(Kind::cloud_instance_id, "i-0fedcba9876543210");
    EXPECT_EQ(compare({kKvm, kUuid, kVmNic, kTpm}, {kKvm, kUuid, kOtherVmNic, kTpm}).verdict,
              Verdict::same);
    EXPECT_EQ(compare({kKvm, kUuid, kVmNic, cloud}, {kKvm, kUuid, kOtherVmNic, cloud}).verdict,
              Verdict::same);
    EXPECT_EQ(compare({kKvm, kUuid, kVmNic, cloud}, {kKvm, kUuid, kVmNic, other_cloud}).verdict,
              Verdict::different);
}

TEST(MatchVirtual, a_uuid_alone_is_too_little) {
    EXPECT_EQ(compare({kKvm, kUuid}, {kKvm, kUuid}).verdict, Verdict::insufficient);
    EXPECT_EQ(compare({kKvm, kUuid, kDisk}, {kKvm, kUuid, kDisk}).verdict, Verdict::insufficient);
}

TEST(MatchVirtual, moving_a_system_into_a_virtual_machine_does_not_take_the_identity_along) {
    EXPECT_EQ(compare({kUuid, kSerial, kNic, kDisk}, {kKvm, kOtherUuid, kVmNic}).verdict,
              Verdict::different);
}

}  // namespace
}  // namespace latchkey::hwid
