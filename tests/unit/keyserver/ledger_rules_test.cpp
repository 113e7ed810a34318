#include "keyserver/rules/ledger_rules.h"

#include <gtest/gtest.h>

namespace latchkey::keyserver {
namespace {

constexpr ServerTime kNow{Duration{1'790'000'000'000}};
constexpr Days kDay{1};

/// One hardware's ledger, and installations that tell of their grace.
struct Hardware {
    std::optional<LedgerRecord> record;
    ServerTime now = kNow;
    bool lab = false;
    Policy policy;

    licensing::LedgerReply hear(bool known_device, int rearms, licensing::GraceUse grace) {
        licensing::LedgerRequest request;
        request.lab = lab;
        request.platform = "linux";
        request.rearms_used = rearms;
        request.grace = grace;
        auto decision = decide_ledger({request, record, known_device, now}, policy);
        record = decision.record;
        return decision.reply;
    }
    licensing::LedgerReply reimaged(Duration used = Duration{0}) {
        return hear(false, 0, {false, false, used});
    }
    licensing::LedgerReply again(int rearms, licensing::GraceUse grace) {
        return hear(true, rearms, grace);
    }
    /// Rearmed by the same installation, and used at once.
    licensing::LedgerReply rearmed(int rearms) { return again(rearms, {true, false, {}}); }
};

TEST(Ledger, a_first_installation_is_taken_at_its_word) {
    Hardware machine;
    const auto told = machine.hear(false, 2, {true, false, 3 * kDay});
    EXPECT_TRUE(told.fresh);
    EXPECT_EQ(told.first_grace_at, kNow - 3 * kDay) << "elapsed time, whatever its clock says";
    EXPECT_EQ(told.graces_this_year, 1);
    EXPECT_EQ(told.graces_allowed, 1);
    EXPECT_EQ(told.rearms_used, 2);
    EXPECT_EQ(told.grace, (licensing::GraceUse{true, false, 3 * kDay}));
}

TEST(Ledger, a_workstation_continues_its_grace_after_a_reimage) {
    Hardware machine;
    machine.reimaged();
    machine.now += 20 * kDay;
    const auto told = machine.reimaged(1 * kDay);
    EXPECT_FALSE(told.fresh);
    EXPECT_EQ(told.grace, (licensing::GraceUse{false, false, 20 * kDay}));
    EXPECT_EQ(told.first_grace_at, kNow);
    EXPECT_EQ(told.graces_this_year, 1);
}

TEST(Ledger, an_extended_grace_that_was_lost_with_its_disk_is_continued) {
    Hardware machine;
    machine.reimaged();
    machine.rearmed(2);
    machine.now += 5 * kDay;
    const auto told = machine.reimaged();
    EXPECT_EQ(told.rearms_used, 2);
    EXPECT_EQ(told.grace, (licensing::GraceUse{true, false, 5 * kDay}));
}

TEST(Ledger, a_grace_that_waits_for_first_use_is_what_a_reimaged_machine_uses) {
    Hardware machine;
    machine.hear(false, 1, {true, true, {}});
    machine.now += 100 * kDay;
    const auto told = machine.reimaged(kDay);
    EXPECT_EQ(told.grace, (licensing::GraceUse{true, false, kDay})) << "it runs there";
    EXPECT_EQ(told.rearms_used, 1);
    machine.now += 29 * kDay;
    EXPECT_EQ(machine.reimaged().grace, (licensing::GraceUse{true, false, 30 * kDay}))
        << "and a second wipe refills nothing";
    Hardware waiting;
    waiting.hear(false, 1, {true, true, {}});
    EXPECT_EQ(waiting.hear(false, 1, {true, true, {}}).grace, (licensing::GraceUse{true, true, {}}))
        << "two that wait are one";
}

TEST(Ledger, a_rearm_is_believed_and_begins_a_grace) {
    Hardware machine;
    machine.reimaged(29 * kDay);
    const auto told = machine.again(1, {true, true, {}});
    EXPECT_EQ(told.rearms_used, 1);
    EXPECT_EQ(told.grace, (licensing::GraceUse{true, true, {}}));
    EXPECT_FALSE(told.fresh);
}

TEST(Ledger, of_two_tales_of_one_grace_the_stricter_wins) {
    Hardware machine;
    machine.reimaged(10 * kDay);
    EXPECT_EQ(machine.again(0, {false, false, 4 * kDay}).grace.used, 10 * kDay)
        << "state rolled back";
    EXPECT_EQ(machine.again(0, {false, false, 12 * kDay}).grace.used, 12 * kDay);
    machine.again(1, {true, true, {}});
    EXPECT_FALSE(machine.again(1, {true, false, 2 * kDay}).grace.frozen) << "it was used first";
    EXPECT_FALSE(machine.again(1, {true, true, {}}).grace.frozen) << "and never waits again";
}

TEST(Ledger, fewer_rearms_than_known_are_an_old_tale) {
    Hardware machine;
    machine.reimaged();
    machine.rearmed(2);
    machine.now += 7 * kDay;
    const auto told = machine.again(1, {true, true, {}});
    EXPECT_EQ(told.rearms_used, 2);
    EXPECT_EQ(told.grace, (licensing::GraceUse{true, false, 7 * kDay}));
}

TEST(Ledger, a_lab_machine_begins_anew_with_each_reimage_26_times_a_year) {
    Hardware machine;
    machine.lab = true;
    for (int grace = 1; grace <= 26; ++grace) {
        const auto told = machine.reimaged();
        EXPECT_TRUE(told.fresh) << grace;
        EXPECT_EQ(told.graces_this_year, grace);
        EXPECT_EQ(told.graces_allowed, 26);
        EXPECT_EQ(told.grace.used, Duration{0});
        machine.now += kDay;
    }
    const auto refused = machine.reimaged();
    EXPECT_FALSE(refused.fresh);
    EXPECT_EQ(refused.graces_this_year, 26);
    EXPECT_EQ(refused.grace.used, 1 * kDay) << "the last one goes on";
    machine.now = kNow + 365 * kDay;
    EXPECT_TRUE(machine.reimaged().fresh) << "the first one is a year ago";
    EXPECT_EQ(machine.record->first_grace_at, kNow);
}

TEST(Ledger, a_lab_machines_rearms_continue_over_reimages_and_refill_after_a_year) {
    Hardware machine;
    machine.lab = true;
    machine.reimaged();
    machine.rearmed(3);
    machine.now = kNow + 364 * kDay;
    EXPECT_EQ(machine.reimaged().rearms_used, 3);
    machine.now += kDay;
    EXPECT_EQ(machine.again(3, {false, false, kDay}).rearms_used, 0);
    EXPECT_EQ(machine.again(3, {false, false, kDay}).rearms_used, 0)
        << "the answer was lost: the old number of the old grace spends nothing again";
    EXPECT_EQ(machine.again(0, {false, false, kDay}).rearms_used, 0);
    EXPECT_EQ(machine.rearmed(1).rearms_used, 1);
    EXPECT_EQ(machine.rearmed(3).rearms_used, 3);
    machine.now += 364 * kDay;
    EXPECT_EQ(machine.rearmed(3).rearms_used, 3) << "the new period began with the refill";
    machine.now += kDay;
    EXPECT_EQ(machine.rearmed(3).rearms_used, 0);
}

TEST(Ledger, a_workstations_rearms_never_refill) {
    Hardware machine;
    machine.reimaged();
    machine.rearmed(3);
    machine.now += 1000 * kDay;
    EXPECT_EQ(machine.again(3, {true, false, 900 * kDay}).rearms_used, 3);
}

TEST(Ledger, an_administrators_rearm_is_not_taken_back_by_the_old_number) {
    Hardware machine;
    machine.reimaged();
    machine.rearmed(3);
    machine.now += 40 * kDay;
    EXPECT_TRUE(grant_rearm(*machine.record));
    EXPECT_TRUE(grant_rearm(*machine.record));
    EXPECT_EQ(machine.again(3, {true, false, 40 * kDay}).rearms_used, 1);
    EXPECT_EQ(machine.again(2, {true, true, {}}).rearms_used, 2) << "one of them was used";
    EXPECT_TRUE(machine.record->frozen);
}

TEST(Ledger, more_rearms_than_are_used_cannot_be_granted) {
    Hardware machine;
    machine.reimaged();
    EXPECT_FALSE(grant_rearm(*machine.record));
    EXPECT_EQ(machine.record->rearms_used, 0);
}

TEST(Ledger, a_grace_that_a_license_stopped_goes_on_with_what_was_left) {
    Hardware machine;
    machine.reimaged();
    machine.now += 3 * kDay;
    EXPECT_TRUE(stop_grace(*machine.record, machine.now));
    machine.now += 40 * kDay;
    EXPECT_FALSE(stop_grace(*machine.record, machine.now)) << "it stands still already";
    EXPECT_EQ(machine.reimaged().grace, (licensing::GraceUse{false, false, 3 * kDay}));
    EXPECT_FALSE(machine.record->stopped_at) << "and runs again";
    machine.again(1, {true, true, {}});
    EXPECT_FALSE(stop_grace(*machine.record, machine.now)) << "it waits for its first use anyhow";
}

TEST(Ledger, after_a_reset_one_installation_begins_anew) {
    Hardware machine;
    machine.reimaged();
    machine.rearmed(3);
    machine.now += 100 * kDay;
    reset_rearms(*machine.record, machine.now);
    const auto told = machine.reimaged();
    EXPECT_TRUE(told.fresh);
    EXPECT_EQ(told.rearms_used, 0);
    EXPECT_EQ(told.grace, (licensing::GraceUse{false, false, {}}));
    EXPECT_FALSE(machine.reimaged().fresh) << "once";
}

TEST(Ledger, a_grace_of_long_ago_is_told_within_the_messages_bounds) {
    Hardware machine;
    machine.reimaged(3000 * kDay);
    machine.now += 3000 * kDay;
    const auto told = machine.reimaged();
    EXPECT_EQ(told.grace.used, licensing::kLongestGraceUse);
    EXPECT_TRUE(licensing::ledger_reply_from_json(licensing::to_json(told)));
}

// --- which ledger is it?

hwid::Fingerprint strong_fingerprint() {
    hwid::Fingerprint fingerprint{"salt", {}};
    for (const auto kind : {hwid::Kind::board_serial, hwid::Kind::nic, hwid::Kind::disk}) {
        hwid::Evidence evidence{kind};
        evidence.digest.fill(static_cast<std::uint8_t>(kind));
        fingerprint.evidence.push_back(evidence);
    }
    return fingerprint;
}

LedgerCandidate candidate(hwid::Verdict verdict, std::int32_t score, Days age = Days{0}) {
    LedgerCandidate out;
    out.created_at = kNow - age;
    out.match.verdict = verdict;
    out.match.score = score;
    return out;
}

TEST(Ledger, of_several_the_best_match_is_it_then_the_newest) {
    using enum hwid::Verdict;
    const auto seen = strong_fingerprint();
    EXPECT_EQ(choose_ledger(seen, {candidate(same, 100), candidate(same, 300)}).value(), 1u);
    EXPECT_EQ(choose_ledger(seen, {candidate(same, 100, Days{1}), candidate(same, 100)}).value(),
              1u);
    EXPECT_EQ(choose_ledger(seen, {candidate(different, 900), candidate(same, 100)}).value(), 1u);
    EXPECT_EQ(choose_ledger(seen, {candidate(different, 900)}).value(), std::nullopt);
    EXPECT_EQ(choose_ledger(seen, {}).value(), std::nullopt);
}

TEST(Ledger, what_cannot_be_told_is_bound_to_nothing) {
    const auto undecided =
        choose_ledger(strong_fingerprint(), {candidate(hwid::Verdict::insufficient, 10)});
    ASSERT_FALSE(undecided);
    EXPECT_EQ(undecided.error().code, Code::evidence_insufficient);
    EXPECT_FALSE(choose_ledger({"salt", {}}, {})) << "a machine without any identity";
    auto known = candidate(hwid::Verdict::insufficient, 10);
    known.known_device = true;
    EXPECT_EQ(choose_ledger({"salt", {}}, {known}).value(), 0u) << "its device key proves it";
}

}  // namespace
}  // namespace latchkey::keyserver
