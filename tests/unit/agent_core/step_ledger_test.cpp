// The key server's grace ledger: asked when there is something new to tell, believed where it is
// stricter, and never where a license decides.

#include "agent/core/backoff.h"
#include "tests/unit/agent_core/world.h"

namespace latchkey::core {
namespace {

using licensing::GraceUse;

GraceUse initial(Duration used) { return {.extended = false, .frozen = false, .used = used}; }
GraceUse extended(Duration used) { return {.extended = true, .frozen = false, .used = used}; }
GraceUse frozen() { return {.extended = true, .frozen = true, .used = {}}; }

World lab() {
    World w;
    w.policy.role = Role::lab;
    w << event::ManifestSeen{};
    return w;
}

/// The wait that was drawn is over, and the question is on its way.
World asking(World w = installed()) {
    w.after(15 * minute);
    EXPECT_TRUE(has<effect::AskLedger>(w.effects));
    return w;
}

Duration left(const World& w) { return w.state.grace->ends_at - w.now(); }

std::string words(const World& w) {
    for (const auto& effect : w.effects)
        if (const auto* report = std::get_if<effect::Report>(&effect))
            if (report->event.starts_with("ledger")) return report->detail;
    return {};
}

TEST(Ledger, is_asked_within_a_quarter_of_an_hour_of_a_new_grace) {
    auto w = installed();
    ASSERT_TRUE(w.state.ledger.ask_at);
    EXPECT_LE(*w.state.ledger.ask_at, kStart + 15 * minute);
    EXPECT_EQ(next_due(w.state, w.moment, w.policy), w.state.ledger.ask_at);
    w = asking(w);
    w << event::Tick{};
    EXPECT_FALSE(has<effect::AskLedger>(w.effects)) << "not twice in one breath";
    w.after(5 * minute);
    EXPECT_TRUE(has<effect::AskLedger>(w.effects)) << "no answer came";
}

/// How long until the next question.
Duration wait(const World& w) { return *w.state.ledger.ask_at - w.now(); }

TEST(Ledger, that_answered_is_asked_again_after_a_change_and_otherwise_each_week) {
    auto w = asking();
    w << ledger_answer(w, initial(15 * minute), true);
    EXPECT_GT(wait(w), 5 * day);
    EXPECT_LE(wait(w), 7 * day);
    for (int i = 0; i < 5; ++i) {
        w.after(day);
        EXPECT_FALSE(has<effect::AskLedger>(w.effects));
    }
    w.after(2 * day);
    EXPECT_TRUE(has<effect::AskLedger>(w.effects)) << "so a wrong calendar is found out";
    w << ledger_answer(w, initial(7 * day));
    EXPECT_TRUE(reports(w.effects).empty()) << "nothing to say where nothing is new";
    w << event::Rearm{};
    EXPECT_LE(wait(w), 15 * minute) << "a rearm";
    w = asking(w);
    w << ledger_answer(w, frozen(), false, 1);
    EXPECT_GT(wait(w), 5 * day);
    w << event::FirstUse{};
    EXPECT_LE(wait(w), 15 * minute) << "the first use that starts the timer";
    w = asking(w);
    w << ledger_answer(w, extended(15 * minute), false, 1) << event::FirstUse{};
    EXPECT_GT(wait(w), 5 * day) << "a later use";
}

TEST(Ledger, is_asked_once_more_before_the_end_of_a_grace_is_believed) {
    auto w = asking();
    w << ledger_answer(w, initial(15 * minute), true);
    w.after(40 * day);
    EXPECT_EQ(w.status(), ProductStatus::notification);
    EXPECT_TRUE(has<effect::AskLedger>(w.effects)) << "the calendar may be wrong";
    w << ledger_answer(w, initial(40 * day));
    EXPECT_GT(wait(w), 5 * day) << "it was right";
    auto told = asking();
    told << ledger_answer(told, initial(400 * day));
    EXPECT_EQ(told.status(), ProductStatus::notification);
    EXPECT_GT(wait(told), 5 * day) << "the key server itself said so";
}

TEST(Ledger, a_boot_asks_nothing_unless_it_is_due) {
    auto w = installed();
    EXPECT_FALSE(has<effect::AskLedger>(pending_effects(w.state, w.moment, w.policy)));
    w.moment.now += 15 * minute;
    EXPECT_TRUE(has<effect::AskLedger>(pending_effects(w.state, w.moment, w.policy)));
    w << event::Tick{} << ledger_answer(w, initial(15 * minute), true);
    w.moment.now += 3 * day;
    EXPECT_FALSE(has<effect::AskLedger>(pending_effects(w.state, w.moment, w.policy)));
}

TEST(Ledger, is_not_asked_where_the_publisher_keeps_none_or_a_license_decides) {
    World none;
    none.policy.rearm_ledger = false;
    none << event::ManifestSeen{};
    EXPECT_FALSE(none.state.ledger.ask_at);
    EXPECT_FALSE(has_grace_to_report(none.state, none.policy));

    auto w = installed();
    w.activate(lease(w.now()));
    EXPECT_FALSE(w.state.ledger.ask_at);
    w << changed_hardware();
    EXPECT_EQ(w.status(), ProductStatus::out_of_tolerance_grace);
    w.after(day);
    EXPECT_FALSE(w.state.ledger.ask_at);
    w << event::Rearm{};
    EXPECT_TRUE(w.state.ledger.ask_at) << "but a rearm is the hardware's, whoever holds a license";

    auto product = installed();
    product << event::ManifestSeen{false};
    EXPECT_FALSE(product.state.ledger.ask_at) << "a product that needs no activation";
}

TEST(Ledger, a_row_that_never_was_told_of_is_told_at_the_next_look) {
    auto w = installed();
    w.state.ledger = {};  // as an older agent or the second copy left it
    w.after(day);
    EXPECT_TRUE(w.state.ledger.ask_at);
}

TEST(Ledger, that_cannot_be_reached_is_asked_ever_more_slowly_and_the_place_is_kept) {
    auto w = asking();
    w << ledger_failure(w, Code::keyserver_unreachable);
    EXPECT_EQ(reports(w.effects), std::vector<std::string>{"ledger_unreachable"});
    EXPECT_NE(words(w).find("counts alone"), std::string::npos) << "a grace is conceded, and said";
    EXPECT_EQ(w.state.grace->ends_at, kStart + 30 * day);
    Duration before{0};
    for (const auto rung : kRetryLadder) {
        const Duration until = wait(w);
        EXPECT_GE(until, rung);
        EXPECT_LE(until, rung + rung / 5);
        EXPECT_GE(until + rung / 5, before);
        before = until;
        w.moment.now = *w.state.ledger.ask_at;
        w << event::Tick{} << ledger_failure(w, Code::keyserver_unreachable);
        EXPECT_TRUE(reports(w.effects).empty()) << "said once";
    }
    EXPECT_EQ(w.state.ledger.retry_position, static_cast<int>(kRetryLadder.size()));
    EXPECT_GE(*w.state.ledger.ask_at - w.now(), kRetryForever);
}

TEST(Ledger, honours_retry_after) {
    auto w = asking();
    auto failure = ledger_failure(w, Code::rate_limited);
    failure.retry_after = hours{5};
    w << failure;
    EXPECT_GE(*w.state.ledger.ask_at - w.now(), hours{5});
}

TEST(Ledger, that_failed_is_asked_soon_after_the_network_changed) {
    auto w = asking();
    for (int i = 0; i < 8; ++i) w << ledger_failure(w, Code::keyserver_unreachable);
    EXPECT_GT(*w.state.ledger.ask_at - w.now(), hours{4});
    w << event::NetworkChanged{};
    EXPECT_LE(*w.state.ledger.ask_at - w.now(), 15 * minute);
    EXPECT_EQ(w.state.ledger.retry_position, 8) << "its place on the ladder stays";
}

TEST(Ledger, that_refuses_for_good_is_asked_each_week_and_soon_after_a_change) {
    for (const auto code : {Code::evidence_insufficient, Code::record_unknown}) {
        auto w = asking();
        w << ledger_failure(w, code, true);
        EXPECT_EQ(reports(w.effects), std::vector<std::string>{"ledger_refused"});
        EXPECT_EQ(w.state.ledger.refused, info(code).name);
        EXPECT_GT(wait(w), 5 * day);
        w << event::NetworkChanged{};
        EXPECT_GT(wait(w), 5 * day);
        w.after(7 * day);
        EXPECT_TRUE(has<effect::AskLedger>(w.effects));
        w << ledger_failure(w, code, true);
        EXPECT_TRUE(reports(w.effects).empty()) << "said once";
        EXPECT_EQ(w.state.grace->ends_at, kStart + 30 * day) << "the machine's own count decides";
        w << event::Rearm{};
        EXPECT_LE(wait(w), 15 * minute);
        EXPECT_TRUE(w.state.ledger.refused.empty());
    }
}

TEST(Ledger, a_reimaged_workstation_continues_its_grace) {
    auto w = asking();
    w << ledger_answer(w, initial(18 * day));
    EXPECT_EQ(w.status(), ProductStatus::initial_grace);
    EXPECT_EQ(left(w), 12 * day);
    EXPECT_EQ(words(w),
              "The key server remembers this hardware: its grace began on 2026-05-14; "
              "12 days are left.");
    EXPECT_TRUE(has<effect::WriteSecondCopy>(w.effects));
    EXPECT_EQ(w.state.ledger.told->first_grace_at, kStart);
    EXPECT_EQ(w.state.ledger.told->as_of, w.now());
    w.after(12 * day);
    EXPECT_EQ(w.status(), ProductStatus::notification);
}

TEST(Ledger, a_reimaged_workstation_has_the_rearms_that_are_left) {
    auto w = asking();
    w << ledger_answer(w, extended(29 * day), false, 2);
    EXPECT_EQ(w.status(), ProductStatus::extended_grace) << "a lost extended grace continues, too";
    EXPECT_EQ(left(w), day);
    EXPECT_EQ(w.state.rearms_used, 2);
    EXPECT_EQ(words(w),
              "The key server remembers this hardware: its grace began on 2026-05-03; "
              "1 day is left. Rearms used on this hardware: 2.");
    w << event::Rearm{};
    EXPECT_FALSE(w.refused);
    w << event::FirstUse{};
    w.after(31 * day);
    w << event::Rearm{};
    EXPECT_EQ(w.refused->code, Code::rearm_exhausted);
}

TEST(Ledger, whose_grace_was_used_up_ends_this_one) {
    auto w = asking();
    w << ledger_answer(w, initial(400 * day));
    EXPECT_EQ(w.status(), ProductStatus::notification);
    EXPECT_NE(words(w).find("no time is left"), std::string::npos);
    EXPECT_EQ(reports(w.effects).back(), "grace_ended");
}

TEST(Ledger, gives_no_more_than_what_is_there) {
    auto w = installed();
    w.after(20 * day);
    const auto before = w.state.grace;
    w << ledger_answer(w, initial(5 * day));
    EXPECT_EQ(w.state.grace, before) << "the machine counted more";
    w << ledger_answer(w, frozen(), false, 1);
    EXPECT_EQ(w.state.grace, before) << "a frozen grace is a full one";
    EXPECT_EQ(w.state.rearms_used, 1) << "but the rearm was used";
    w.policy.initial_grace = Days{5};
    w << ledger_answer(w, frozen(), false, 1);
    EXPECT_EQ(w.state.grace, before) << "whatever a full one is by now";
    w.policy.initial_grace = Days{30};
    w << ledger_answer(w, extended(day), false, 1);
    EXPECT_EQ(w.state.grace, before);
    w << ledger_answer(w, initial(20 * day + 4 * minute));
    EXPECT_EQ(w.state.grace, before) << "two clocks never agree to the second";
}

TEST(Ledger, leaves_a_grace_its_length_when_a_newer_manifest_has_a_shorter_one) {
    auto w = asking();
    const auto before = w.state.grace;
    w.policy.initial_grace = 3 * day;
    w << ledger_answer(w, initial(5 * minute));
    EXPECT_EQ(w.state.grace, before);
    w << ledger_answer(w, initial(20 * day));
    EXPECT_EQ(left(w), 10 * day) << "of the thirty that were granted";
}

TEST(Ledger, ends_a_freeze_that_an_older_backup_brought_back) {
    auto w = installed();
    w << event::Rearm{};
    w << ledger_answer(w, extended(25 * day), false, 1);
    EXPECT_FALSE(w.state.grace->frozen);
    EXPECT_EQ(left(w), 5 * day);
}

TEST(Ledger, never_touches_a_license_or_the_graces_of_one) {
    auto l = licensed();
    l << ledger_answer(l, initial(400 * day), false, 2);
    EXPECT_EQ(l.status(), ProductStatus::licensed);
    EXPECT_FALSE(l.state.grace);
    auto drifted = licensed();
    drifted << changed_hardware();
    const auto tolerance = drifted.state.grace;
    drifted << ledger_answer(drifted, initial(400 * day));
    EXPECT_EQ(drifted.status(), ProductStatus::out_of_tolerance_grace);
    EXPECT_EQ(drifted.state.grace, tolerance);
    auto revoked = licensed();
    revoked << event::Revoked{};
    const auto notice = revoked.state.grace;
    revoked << ledger_answer(revoked, initial(400 * day));
    EXPECT_EQ(revoked.state.grace, notice);
}

TEST(Ledger, an_answer_to_an_earlier_grace_ends_no_newer_one_and_is_asked_for_again) {
    auto w = asking();
    const auto late = ledger_answer(w, initial(18 * day), false, 1);
    w << event::Rearm{} << late;
    EXPECT_EQ(w.status(), ProductStatus::extended_grace);
    EXPECT_TRUE(w.state.grace->frozen);
    EXPECT_TRUE(w.state.ledger.ask_at) << "the rearm is still to be told";
    EXPECT_EQ(w.state.rearms_used, 2) << "the one the key server knew of, and the new one";
    auto refused = asking();
    const auto no = ledger_failure(refused, Code::record_unknown, true);
    refused << event::Rearm{} << no;
    EXPECT_TRUE(refused.state.ledger.ask_at);
}

TEST(Ledger, a_reimaged_lab_machine_starts_anew_while_the_key_server_books_it_so) {
    auto w = asking(lab());
    auto booked = ledger_answer(w, initial(10 * day), true);
    booked.reply.graces_this_year = 3;
    booked.reply.graces_allowed = 26;
    w << booked;
    EXPECT_EQ(w.state.grace->ends_at, kStart + 30 * day);
    EXPECT_EQ(words(w),
              "The key server counts initial grace 3 of 26 in a year for this lab machine.");
    auto bound = asking(lab());
    bound << ledger_answer(bound, initial(10 * day), false);
    EXPECT_EQ(left(bound), 20 * day) << "the bound is reached: the earlier one continues";
}

TEST(Ledger, gives_rearms_back_that_were_refilled_or_granted) {
    auto w = lab();
    w.state.rearms_used = 3;
    w << ledger_answer(w, initial({}), true, 0);
    EXPECT_EQ(w.state.rearms_used, 0);
    EXPECT_NE(words(w).find("gave rearms back: 0 of 3 are used now"), std::string::npos);
    auto station = installed();
    station.state.rearms_used = 3;
    station << ledger_answer(station, initial({}), false, 2);
    EXPECT_EQ(station.state.rearms_used, 2) << "an administrator granted one";
    EXPECT_TRUE(has<effect::WriteSecondCopy>(w.effects));
    auto late = lab();
    const auto answer = ledger_answer(late, initial({}), true, 0);
    late << event::Rearm{} << answer;
    EXPECT_EQ(late.state.rearms_used, 1) << "not a rearm it did not know of";
}

TEST(Ledger, no_question_is_starved_by_a_deadline_from_the_future) {
    auto w = installed();
    w.state.ledger.ask_at = kStart + 20'000 * day;
    w.after(day);
    EXPECT_LE(*w.state.ledger.ask_at, w.now() + longest_retry_delay(w.policy));
    EXPECT_LE(*next_due(w.state, w.moment, w.policy), w.now() + longest_retry_delay(w.policy));
}

TEST(LedgerReport, tells_elapsed_time_and_no_instants) {
    auto w = installed();
    w.after(3 * day);
    auto told = ledger_report(w.state, w.now() + Duration{999});
    EXPECT_EQ(told.grace, initial(3 * day)) << "whole seconds";
    EXPECT_EQ(told.rearms_used, 0);
    w.after(5000 * day);
    EXPECT_EQ(ledger_report(w.state, w.now()).grace, initial(licensing::kLongestGraceUse));
    w << event::Rearm{};
    told = ledger_report(w.state, w.now() + 9 * day);
    EXPECT_EQ(told.grace, frozen()) << "nothing of a frozen grace is used";
    EXPECT_EQ(told.rearms_used, 1);
}

}  // namespace
}  // namespace latchkey::core
