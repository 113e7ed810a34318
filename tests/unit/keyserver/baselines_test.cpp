#include "keyserver/rules/baselines.h"

#include <gtest/gtest.h>

namespace latchkey::keyserver {
namespace {

using hwid::Kind;
using hwid::Quality;

hwid::Evidence evidence(Kind kind, std::uint8_t byte, Quality quality = Quality::good) {
    hwid::Evidence e{kind};
    e.quality = quality;
    if (e.has_digest()) e.digest.fill(byte);
    return e;
}

hwid::Fingerprint fingerprint(std::vector<hwid::Evidence> list) {
    return {"salt", std::move(list)};
}

bool shows(const hwid::Fingerprint& fp, Kind kind, std::uint8_t byte) {
    for (const auto& e : fp.evidence)
        if (e.kind == kind && e.has_digest() && e.digest[0] == byte) return true;
    return false;
}

MachineRecord known_by(std::uint8_t byte) {
    MachineRecord machine;
    machine.counting_baseline = fingerprint({evidence(Kind::nic, byte)});
    machine.matching_baseline = machine.counting_baseline;
    return machine;
}

hwid::MatchResult same() {
    hwid::MatchResult match;
    match.verdict = hwid::Verdict::same;
    return match;
}

Decision decision(int counted, licensing::Continuity continuity) {
    Decision d;
    d.counted = counted;
    d.continuity = continuity;
    return d;
}

TEST(Baselines, a_counted_activation_moves_both) {
    auto machine = known_by(1);
    move_baselines(machine, fingerprint({evidence(Kind::nic, 2)}),
                   decision(1, licensing::Continuity::digests), same());
    EXPECT_TRUE(shows(machine.counting_baseline, Kind::nic, 2));
    EXPECT_TRUE(shows(machine.matching_baseline, Kind::nic, 2));
}

TEST(Baselines, a_proven_same_moves_only_the_matching_one) {
    auto machine = known_by(1);
    move_baselines(machine, fingerprint({evidence(Kind::nic, 2)}),
                   decision(0, licensing::Continuity::device_key), same());
    EXPECT_TRUE(shows(machine.counting_baseline, Kind::nic, 1));
    EXPECT_TRUE(shows(machine.matching_baseline, Kind::nic, 2));
}

TEST(Baselines, a_same_that_rests_on_digests_moves_nothing) {
    auto machine = known_by(1);
    move_baselines(machine, fingerprint({evidence(Kind::nic, 2)}),
                   decision(0, licensing::Continuity::digests), same());
    EXPECT_TRUE(shows(machine.matching_baseline, Kind::nic, 1));
}

TEST(Baselines, the_matching_one_never_rolls_across_a_contradicting_board) {
    auto machine = known_by(1);
    auto match = same();
    match.anchors[static_cast<std::size_t>(hwid::Anchor::board)] = hwid::AnchorState::contradicts;
    roll_matching_baseline(machine, fingerprint({evidence(Kind::nic, 2)}), match);
    EXPECT_TRUE(shows(machine.matching_baseline, Kind::nic, 1));
}

TEST(Baselines, what_cannot_be_read_now_is_remembered_and_what_is_gone_is_not) {
    const auto whole =
        merged(fingerprint({evidence(Kind::board_serial, 1), evidence(Kind::nic, 2),
                            evidence(Kind::disk, 4), evidence(Kind::gpu, 5)}),
               fingerprint({evidence(Kind::board_serial, 0, Quality::unreadable),
                            evidence(Kind::nic, 3), evidence(Kind::disk, 0, Quality::absent)}));
    EXPECT_TRUE(shows(whole, Kind::board_serial, 1));
    EXPECT_TRUE(shows(whole, Kind::nic, 3));
    EXPECT_FALSE(shows(whole, Kind::nic, 2)) << "replaced";
    EXPECT_FALSE(shows(whole, Kind::disk, 4)) << "absent";
    EXPECT_TRUE(shows(whole, Kind::gpu, 5)) << "not mentioned";
}

}  // namespace
}  // namespace latchkey::keyserver
