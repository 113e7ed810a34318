// The verdict rules of docs/identity.md, one by one, on machines small enough to see why.

#include "hwid/match.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/fakes/machines.h"

namespace latchkey::hwid {
namespace {

Component c(Kind kind, std::string value, Attributes attributes = {}) {
    return {kind, std::move(value), "", std::move(attributes), State::present};
}
Component unreadable(Kind kind) { return {kind, "", "", {}, State::unreadable}; }
Component absent(Kind kind) { return {kind, "", "", {}, State::absent}; }

using Parts = std::vector<Component>;

Fingerprint print(const Snapshot& snapshot) { return fingerprint(snapshot, plain_digest, "s1"); }
Fingerprint print(Parts parts) { return print(Snapshot{"linux", {}, std::move(parts)}); }
Fingerprint fixture(const std::string& name) { return print(fakes::machine(name)); }

MatchResult compare(const Fingerprint& before, const Fingerprint& after) {
    return match(before, after, default_weights());
}
MatchResult compare(Parts before, Parts after) {
    return compare(print(std::move(before)), print(std::move(after)));
}

const Component kUuid = c(Kind::system_uuid, "0320680f-109a-6baa-6fa0-e9b77a4aed55");
const Component kOtherUuid = c(Kind::system_uuid, "cb8ee790-99c1-1e96-bebe-2c76237ad919");
const Component kSerial = c(Kind::system_serial, "94BUY3DEAV");
const Component kOtherSerial = c(Kind::system_serial, "UQBYRZARUV");
const Component kBoard = c(Kind::board_serial, "ZP0TKY8BZ11KVR");
const Component kOtherBoard = c(Kind::board_serial, "V2MTMHLG68NV48");
const Component kChassis = c(Kind::chassis_serial, "6MVTG5J");
const Component kTpm = c(Kind::tpm_ek, "8c1f0b6e5d7a4392b0e1c2d3f4a59687");
const Component kOtherTpm = c(Kind::tpm_ek, "1b7e42c09d5f4a83962e0c1d2b3a4f5e");
const Component kNic = c(Kind::nic, "a4:bb:6d:5e:21:9c");
const Component kNic2 = c(Kind::nic, "24:6e:96:1b:40:c4");
const Component kOtherNic = c(Kind::nic, "70:85:c2:4f:18:aa");
const Component kDisk = c(Kind::disk, "S64DNF0R812345A");
const Component kDisk2 = c(Kind::disk, "WD-WX32D1A7KE9P");
const Component kOtherDisk = c(Kind::disk, "22351A8C4E7D");
const Component kRaid = c(Kind::disk, "naa.61866da0b7c4e100213f5a2e0c9d8b71");
const Component kModel = c(Kind::system_product, "OptiPlex 7090");
const Component kKvm = c(Kind::hypervisor, "kvm");
const Component kVmNic = c(Kind::nic, "52:54:00:9a:25:d6");
const Component kOtherVmNic = c(Kind::nic, "52:54:00:af:b4:fe");
const Component kLocalNic = c(Kind::nic, "6e:8e:90:64:3f:17");

AnchorState anchor(const MatchResult& result, Anchor which) {
    return result.anchors[static_cast<std::size_t>(which)];
}

void expect_same(const MatchResult& got, bool significant, bool changed_any) {
    EXPECT_EQ(got.verdict, Verdict::same);
    EXPECT_EQ(got.significant, significant);
    EXPECT_EQ(got.changed_any, changed_any);
}

std::vector<ComponentResult> of(const MatchResult& result, Kind kind) {
    std::vector<ComponentResult> out;
    std::copy_if(result.components.begin(), result.components.end(), std::back_inserter(out),
                 [&](const ComponentResult& r) { return r.kind == kind; });
    return out;
}

// --- the fixtures tell the main story ---------------------------------------------------------

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

// --- anchors ------------------------------------------------------------------------------------

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

// --- significant
// ----------------------------------------------------------------------------------

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

// --- three-valued evidence
// ------------------------------------------------------------------------

TEST(Match, unreadable_never_spends_tolerance) {
    const Parts whole{kUuid, kSerial, kTpm, kNic, kDisk};
    const Parts unprivileged{unreadable(Kind::system_uuid), unreadable(Kind::system_serial),
                             unreadable(Kind::tpm_ek), kNic, kDisk};
    expect_same(compare(whole, unprivileged), false, false);
    expect_same(compare(unprivileged, whole), false, false);
    const auto lost = of(compare(whole, unprivileged), Kind::system_uuid);
    ASSERT_FALSE(lost.empty());
    EXPECT_EQ(lost[0].outcome, Outcome::unreadable);
    EXPECT_EQ(lost[0].why, Why::not_readable);
    EXPECT_EQ(of(compare(unprivileged, whole), Kind::system_uuid)[0].why, Why::became_readable);
}

TEST(Match, a_kind_that_one_capture_does_not_mention_was_not_captured) {
    expect_same(compare({kSerial, kNic, kDisk}, {kSerial, kNic}), false, false);
    expect_same(compare({kSerial, kNic}, {kSerial, kNic, kDisk}), false, false);
}

TEST(Match, a_kind_that_is_said_to_be_absent_is_gone) {
    const auto got = compare({kSerial, kNic, kDisk}, {kSerial, kNic, absent(Kind::disk)});
    expect_same(got, false, true);
    EXPECT_EQ(of(got, Kind::disk)[0].outcome, Outcome::removed);
    expect_same(compare({kSerial, kNic, absent(Kind::disk)}, {kSerial, kNic, kDisk}), false, true);
}

TEST(Match, a_placeholder_is_missing_and_never_a_disagreement) {
    const auto placeholder = c(Kind::system_serial, "To be filled by O.E.M.");
    expect_same(compare({kSerial, kNic, kDisk}, {placeholder, kNic, kDisk}), false, false);
    expect_same(compare({placeholder, kNic, kDisk}, {kSerial, kNic, kDisk}), false, false);
    const auto both = compare({placeholder, kNic}, {placeholder, kNic});
    EXPECT_EQ(anchor(both, Anchor::board), AnchorState::unknown)
        << "two placeholders agree on nothing";
    EXPECT_EQ(of(both, Kind::system_serial)[0].why, Why::placeholder);
}

TEST(Match, a_randomised_address_hides_the_card_behind_it) {
    expect_same(compare({kSerial, kNic, kNic2}, {kSerial, kNic, kLocalNic}), false, false);
    expect_same(compare({kSerial, kNic, kNic2}, {kSerial, kLocalNic}), false, true);
}

TEST(Match, what_is_hidden_on_both_sides_hides_no_change) {
    const auto bridge = c(Kind::nic, "02:42:ac:11:00:02");
    const auto got = compare({kSerial, kDisk, kNic, bridge}, {kSerial, kDisk, kOtherNic, bridge});
    expect_same(got, false, true);
    EXPECT_EQ(anchor(got, Anchor::nic), AnchorState::contradicts);
}

TEST(Match, a_raid_volume_hides_any_number_of_disks) {
    expect_same(compare({kSerial, kNic, kDisk, kDisk2}, {kSerial, kNic, kRaid}), false, false);
    expect_same(compare({kSerial, kNic, kRaid}, {kSerial, kNic, kDisk, kDisk2}), false, false);
}

TEST(Match, docks_and_usb_disks_come_and_go_freely) {
    const auto dock = c(Kind::nic, "00:e0:4c:0a:dd:ac");
    const auto stick = c(Kind::disk, "KFSKT7NH6EZ5", {{"bus", "usb"}});
    expect_same(compare({kSerial, kNic, kDisk}, {kSerial, kNic, kDisk, dock, stick}), false, false);
    expect_same(compare({kSerial, kNic, kDisk, dock, stick}, {kSerial, kNic, kDisk}), false, false);
    EXPECT_EQ(compare({kNic, dock}, {kOtherNic, dock}).verdict, Verdict::different)
        << "a shared dock proves nothing";
}

TEST(Match, a_value_that_many_machines_show_is_worth_nothing) {
    auto before = print({kSerial, kNic});
    auto after = print({kSerial, kOtherNic, kDisk});
    after.evidence[0].multiplicity = default_weights().worthless_multiplicity;
    const auto got = compare(before, after);
    EXPECT_EQ(got.verdict, Verdict::different);
    EXPECT_EQ(anchor(got, Anchor::board), AnchorState::unknown);
    after.evidence[0].multiplicity = default_weights().worthless_multiplicity - 1;
    EXPECT_EQ(compare(before, after).verdict, Verdict::same);
    before.evidence[0].multiplicity = 99;
    after.evidence[0].multiplicity = 99;
    EXPECT_EQ(of(compare(before, after), Kind::system_serial)[0].why, Why::shared_value);
}

// --- sets
// -------------------------------------------------------------------------------------------

TEST(Match, sets_pair_what_went_with_what_came) {
    const auto got = compare({kSerial, kDisk, kDisk2}, {kSerial, kDisk, kOtherDisk});
    EXPECT_EQ(anchor(got, Anchor::disk), AnchorState::partly);
    const auto disks = of(got, Kind::disk);
    ASSERT_EQ(disks.size(), 2u);
    EXPECT_EQ(disks[0].outcome, Outcome::match);
    EXPECT_EQ(disks[1].outcome, Outcome::changed);
    EXPECT_EQ(disks[1].why, Why::replaced);
    EXPECT_GE(disks[1].before, 0);
    EXPECT_GE(disks[1].after, 0);
    EXPECT_EQ(of(compare({kSerial, kDisk}, {kSerial, kDisk, kDisk2}), Kind::disk)[1].why,
              Why::set_gained);
    EXPECT_EQ(of(compare({kSerial, kDisk, kDisk2}, {kSerial, kDisk}), Kind::disk)[1].why,
              Why::set_lost);
}

TEST(Match, one_card_that_moved_along_does_not_carry_the_identity) {
    const auto nic3 = c(Kind::nic, "24:6e:96:1b:40:c6");
    const auto other2 = c(Kind::nic, "70:85:c2:4f:18:ab");
    const auto moved = compare({kChassis, kNic, kNic2, nic3}, {kChassis, kNic, kOtherNic, other2});
    EXPECT_EQ(anchor(moved, Anchor::nic), AnchorState::contradicts);
    EXPECT_EQ(moved.verdict, Verdict::insufficient);
    const auto kept = compare({kChassis, kNic, kNic2}, {kChassis, kNic, kOtherNic});
    EXPECT_EQ(anchor(kept, Anchor::nic), AnchorState::partly);
    EXPECT_EQ(kept.verdict, Verdict::same);
}

TEST(Match, two_like_modules_are_two) {
    const Component module{
        Kind::memory_module, "", "", {{"part", "HMA81GS6"}, {"size_mb", "8192"}}, State::present};
    expect_same(compare({kSerial, module}, {kSerial, module, module}), false, true);
}

// --- virtual machines
// -------------------------------------------------------------------------------

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

// --- properties
// --------------------------------------------------------------------------------------

TEST(MatchProperties, the_verdict_is_symmetric_and_repeatable) {
    const std::vector<std::string> names{"desktop",
                                         "desktop-nic-swapped",
                                         "desktop-disk-swapped",
                                         "desktop-board-replaced",
                                         "desktop-twin",
                                         "laptop",
                                         "vm",
                                         "whitebox",
                                         "server"};
    for (const auto& one : names) {
        for (const auto& two : names) {
            SCOPED_TRACE(one + " / " + two);
            const auto there = compare(fixture(one), fixture(two));
            const auto back = compare(fixture(two), fixture(one));
            EXPECT_EQ(there.verdict, back.verdict);
            EXPECT_EQ(there.significant, back.significant);
            EXPECT_EQ(there.changed_any, back.changed_any);
            EXPECT_EQ(there.score, back.score);
            EXPECT_EQ(there, compare(fixture(one), fixture(two)));
        }
    }
}

TEST(MatchProperties, the_order_of_components_does_not_matter) {
    auto snapshot = fakes::machine("server");
    const auto forward = compare(fixture("server"), print(snapshot));
    std::reverse(snapshot.components.begin(), snapshot.components.end());
    const auto backward = compare(fixture("server"), print(snapshot));
    EXPECT_EQ(forward.verdict, backward.verdict);
    EXPECT_EQ(forward.score, backward.score);
    EXPECT_EQ(forward.anchors, backward.anchors);
}

TEST(MatchProperties, the_components_weights_add_up_to_the_score) {
    for (const auto* name :
         {"desktop-nic-swapped", "desktop-board-replaced", "desktop-twin", "laptop", "server"}) {
        const auto got = compare(fixture("desktop"), fixture(name));
        std::int32_t sum = 0;
        for (const auto& component : got.components) sum += component.weight;
        EXPECT_EQ(sum, got.score) << name;
    }
}

TEST(MatchProperties, every_piece_of_evidence_is_accounted_for_once) {
    const auto before = fixture("laptop");
    const auto after = fixture("server");
    const auto got = compare(before, after);
    std::vector<int> seen_before(before.evidence.size());
    std::vector<int> seen_after(after.evidence.size());
    for (const auto& component : got.components) {
        if (component.before >= 0) ++seen_before.at(static_cast<std::size_t>(component.before));
        if (component.after >= 0) ++seen_after.at(static_cast<std::size_t>(component.after));
    }
    EXPECT_EQ(std::count(seen_before.begin(), seen_before.end(), 1),
              static_cast<long>(seen_before.size()));
    EXPECT_EQ(std::count(seen_after.begin(), seen_after.end(), 1),
              static_cast<long>(seen_after.size()));
}

TEST(MatchProperties, a_higher_threshold_asks_for_more) {
    Weights strict = default_weights();
    strict.same_threshold = 100'000;
    EXPECT_NE(match(fixture("desktop"), fixture("desktop"), strict).verdict, Verdict::same);
    EXPECT_EQ(match(fixture("vm"), fixture("vm"), strict).verdict, Verdict::insufficient);
}

TEST(MatchProperties, the_weights_say_where_they_come_from) {
    EXPECT_GT(default_weights().version, 0);
    EXPECT_FALSE(default_weights().provenance.empty());
    for (std::size_t i = 0; i < kKindCount; ++i) {
        const auto& weight = default_weights().of[i];
        EXPECT_GE(weight.agree, weight.partly);
        EXPECT_GE(weight.partly, weight.disagree);
        const auto kind = static_cast<Kind>(i);
        if (kind > Kind::disk && kind != Kind::cloud_instance_id) {
            EXPECT_LE(weight.agree, 11) << name(kind) << ": about one bit at most";
        }
    }
}

TEST(MatchNames, enumerations_have_the_spellings_of_the_contract) {
    for (const auto* text : {"same", "different", "insufficient"})
        EXPECT_EQ(name(verdict_from_name(text).value()), text);
    for (const auto* text : {"match", "changed", "added", "removed", "unreadable", "ignored"}) {
        EXPECT_EQ(name(outcome_from_name(text).value()), text);
    }
    EXPECT_FALSE(verdict_from_name("maybe"));
    EXPECT_FALSE(outcome_from_name("kept"));
    EXPECT_EQ(name(Why::became_readable), "became_readable");
    EXPECT_EQ(name(Anchor::nic), "nic");
}

}  // namespace
}  // namespace latchkey::hwid
