// The invariants themselves: each is seen to notice what it is there for.

#include <gtest/gtest.h>

#include "tests/simulator/guard.h"
#include "tests/simulator/hardware_guard.h"

namespace latchkey::simulator {
namespace {

using core::ProductStatus;

constexpr ServerTime kNow{seconds{1'780'272'000}};
constexpr Days kDay{1};

struct Watched {
    core::ProductState state;
    core::Policy policy;
    Guard guard;
    ServerTime now = kNow;
    int dials = 0;

    std::vector<Breach> after(Duration awake, std::optional<Duration> due_in = Days{1}) {
        now += awake;
        std::optional<ServerTime> due;
        if (due_in) due = now + *due_in;
        const Glance glance{state, policy, now, due, awake, true, dials, true};
        return guard.see(glance);
    }
};

std::string rules(const std::vector<Breach>& breaches) {
    std::string all;
    for (const auto& breach : breaches) all += breach.rule + ": " + breach.what + "; ";
    return all;
}

Watched in_grace() {
    Watched w;
    w.state.status = ProductStatus::initial_grace;
    w.state.grace = core::Grace{.started_at = kNow, .ends_at = kNow + Days{30}};
    w.after(Duration{0});
    return w;
}

Watched licensed() {
    Watched w;
    w.state.status = ProductStatus::licensed;
    w.state.license.emplace();
    w.state.license->id = "lic_1";
    w.state.license->kind = licensing::LicenseKind::lease;
    w.state.license->expires_at = kNow + Days{180};
    w.state.next_attempt_at = w.state.renew_at = kNow + Days{7};
    w.after(Duration{0});
    return w;
}

TEST(Guard, grants_thirty_days_of_grace_and_no_more) {
    auto w = in_grace();
    EXPECT_EQ(rules(w.after(Days{30})), "");
    EXPECT_NE(rules(w.after(kDay)).find("grace"), std::string::npos);
}

TEST(Guard, grants_another_thirty_days_for_a_rearm_and_none_for_a_fourth) {
    auto w = in_grace();
    for (w.state.rearms_used = 1; w.state.rearms_used <= 3; ++w.state.rearms_used) {
        w.after(Duration{0});
        EXPECT_EQ(rules(w.after(Days{30})), "");
    }
    --w.state.rearms_used;
    EXPECT_NE(rules(w.after(kDay)).find("one grace"), std::string::npos);
    w = in_grace();
    w.after(Days{29});
    for (const int rearms : {1, 2, 3, 2, 3}) {
        w.state.rearms_used = rearms;
        w.after(Duration{0});
        w.after(Days{29});
    }
    w.state.rearms_used = 4;
    EXPECT_NE(rules(w.after(Duration{0})).find("4 rearms of 3"), std::string::npos);
    EXPECT_NE(rules(w.after(Days{3})).find("initial grace with its rearms"), std::string::npos);
}

TEST(Guard, a_frozen_grace_and_a_suspended_machine_use_nothing_up) {
    auto w = in_grace();
    w.state.grace->frozen = true;
    w.after(Duration{0});
    w.after(Days{50});
    EXPECT_EQ(w.guard.grace_seen(), Duration{0});
}

struct WatchedHardware {
    core::ProductState state = told();
    core::Policy policy;
    Hardware parts;
    HardwareGuard guard;
    bool lab = false;

    static core::ProductState told() {
        core::ProductState state;
        state.status = ProductStatus::initial_grace;
        state.grace = core::Grace{.started_at = kNow, .ends_at = kNow + Days{30}};
        state.ledger.told = core::LedgerWord{};
        return state;
    }
    std::vector<Breach> after(Duration awake) {
        return guard.see({state, policy, kNow, kNow, awake, true, 0, true}, parts, lab);
    }
};

TEST(HardwareGuard, a_wiped_workstation_gets_no_second_grace) {
    WatchedHardware w;
    w.after(Duration{0});
    EXPECT_EQ(rules(w.after(Days{20})), "");
    w.state = WatchedHardware::told();
    EXPECT_EQ(rules(w.after(Days{10})), "") << "what was left";
    EXPECT_NE(rules(w.after(kDay)).find("over its installations"), std::string::npos);
}

TEST(HardwareGuard, a_rearm_grants_another_one_whichever_installation_took_it) {
    WatchedHardware w;
    w.after(Duration{0});
    EXPECT_EQ(rules(w.after(Days{30})), "");
    w.state.rearms_used = 1;
    EXPECT_EQ(rules(w.after(Days{30})), "");
    w.state = WatchedHardware::told();
    EXPECT_NE(rules(w.after(kDay)).find("60 d were granted"), std::string::npos);
}

TEST(HardwareGuard, what_the_key_server_was_not_told_of_yet_is_conceded) {
    WatchedHardware w;
    w.state.ledger.ask_at = kNow;
    w.after(Duration{0});
    EXPECT_EQ(rules(w.after(Days{50})), "");
    EXPECT_EQ(w.guard.grace_seen(), Duration{0});
}

TEST(HardwareGuard, a_lab_machine_and_another_board_begin_anew) {
    WatchedHardware w;
    w.after(Duration{0});
    w.after(Days{20});
    w.lab = true;
    w.after(Days{20});
    w.lab = false;
    EXPECT_EQ(w.guard.grace_seen(), Duration{0});
    w.after(Days{20});
    ++w.parts.board;
    w.after(Days{20});
    EXPECT_EQ(w.guard.grace_seen(), Duration{0});
}

TEST(Guard, a_tolerance_is_refilled_by_an_answer_only) {
    auto w = licensed();
    w.state.status = ProductStatus::out_of_tolerance_grace;
    w.state.drifted = true;
    w.after(Duration{0});
    EXPECT_EQ(rules(w.after(Days{30})), "");
    EXPECT_NE(rules(w.after(kDay)).find("out-of-tolerance"), std::string::npos);
    ++w.state.lease_sequence;
    EXPECT_EQ(rules(w.after(kDay)), "");
}

TEST(Guard, the_notice_of_a_revoked_license_ends) {
    auto w = licensed();
    w.state.status = ProductStatus::non_genuine_grace;
    w.state.revoked = true;
    w.after(Duration{0});
    ++w.dials;
    EXPECT_EQ(rules(w.after(Days{7})), "");
    ++w.dials;
    EXPECT_NE(rules(w.after(kDay)).find("notice"), std::string::npos);
}

TEST(Guard, a_license_without_a_next_attempt_is_noticed) {
    auto w = licensed();
    w.state.next_attempt_at.reset();
    EXPECT_NE(rules(w.after(kDay)).find("no next attempt"), std::string::npos);
    EXPECT_NE(rules(w.after(kDay, std::nullopt)).find("nothing is ever due"), std::string::npos);
}

TEST(Guard, a_question_that_is_owed_and_never_asked_is_noticed) {
    auto w = licensed();
    EXPECT_EQ(rules(w.after(Days{9})), "");
    ++w.dials;
    EXPECT_EQ(rules(w.after(kDay)), "");
    EXPECT_EQ(rules(w.after(Days{17})), "") << "a clock that was wrong ahead costs an interval";
    EXPECT_NE(rules(w.after(kDay)).find("nobody was called"), std::string::npos);
}

TEST(Guard, a_timer_beyond_the_longest_wait_is_noticed) {
    auto w = licensed();
    EXPECT_NE(rules(w.after(kDay, Days{20})).find("beyond the longest wait"), std::string::npos);
}

TEST(Guard, what_is_due_and_stays_due_is_noticed) {
    auto w = licensed();
    EXPECT_EQ(rules(w.after(seconds{1}, Duration{0})), "") << "a first reminder comes at once";
    EXPECT_EQ(rules(w.after(seconds{1}, Duration{0})), "");
    EXPECT_NE(rules(w.after(seconds{1}, Duration{0})).find("does not do it"), std::string::npos);
}

TEST(Guard, a_state_that_contradicts_its_license_is_noticed) {
    auto w = licensed();
    w.state.status = ProductStatus::notification;
    EXPECT_NE(rules(w.after(kDay)).find("a license is in force"), std::string::npos);
    auto v = licensed();
    v.state.revoked = true;
    EXPECT_NE(rules(v.after(kDay)).find("no license is in force"), std::string::npos);
    auto u = licensed();
    u.state.license.reset();
    EXPECT_NE(rules(u.after(kDay)).find("without a license"), std::string::npos);
}

}  // namespace
}  // namespace latchkey::simulator
