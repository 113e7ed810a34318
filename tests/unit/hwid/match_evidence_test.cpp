// What counts as evidence: unreadable, hidden, shared and made-up values; sets.

#include <gtest/gtest.h>

#include "hwid/match.h"
#include "tests/unit/hwid/small_machines.h"

namespace latchkey::hwid {
namespace {

using namespace small;

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

}  // namespace
}  // namespace latchkey::hwid
