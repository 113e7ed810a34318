// A grace that was kept under one time ledger, told under another: a day is a day in both.

#include <gtest/gtest.h>

#include "agent/core/carry_over.h"
#include "agent/core/step.h"

namespace latchkey::core {
namespace {

constexpr ServerTime kDay1{seconds{1'780'272'000}};
constexpr Days kDay{1};

/// Proven at `at`; `counted` of it by the boot clock.
TimeLedger ledger(ServerTime at, Duration counted, Duration scale_set = Duration{0}) {
    TimeLedger ledger;
    ledger.proven = at;
    ledger.charged = counted;
    ledger.scale_set = scale_set;
    return ledger;
}

Moment at(const TimeLedger& ledger, ServerTime now) {
    return {.now = now, .charged = ledger.charged, .scale_set = ledger.scale_set};
}

/// Thirty days from `start`, begun under `ledger`.
Grace begun(ServerTime start, const TimeLedger& ledger) {
    return {.started_at = start,
            .ends_at = start + 30 * kDay,
            .length = 30 * kDay,
            .off_clock = start.time_since_epoch() - ledger.charged,
            .scale_set = ledger.scale_set};
}

TEST(ToldIn, another_ledger_a_grace_ends_on_the_same_day) {
    const auto from = ledger(kDay1 + 2 * kDay, 2 * kDay, 9 * kDay);
    const auto to = ledger(kDay1 + 5 * kDay, 40 * kDay, 3 * kDay);
    auto grace = told_in(begun(kDay1, ledger(kDay1, Duration{0}, 9 * kDay)), from, to);
    EXPECT_EQ(grace.ends_at, kDay1 + 30 * kDay);
    follow_corrected_clock(grace, at(to, to.proven));
    EXPECT_EQ(grace.ends_at, kDay1 + 30 * kDay) << "each ledger's scale was set apart";
}

TEST(ToldIn, another_ledger_a_grace_is_not_moved_by_what_that_one_proved_wrongly) {
    const auto from = ledger(kDay1 + 2 * kDay, 2 * kDay);
    const auto to = ledger(kDay1 + 40 * kDay, 40 * kDay);
    auto grace = told_in(begun(kDay1, ledger(kDay1, Duration{0})), from, to);
    follow_corrected_clock(grace, at(to, kDay1 + 3 * kDay));
    EXPECT_EQ(grace.ends_at, kDay1 + 30 * kDay) << "its clock was ahead; on day 3, 27 are left";
}

TEST(ToldIn, another_ledger_a_grace_that_a_clock_ahead_began_is_put_right_first) {
    const auto from = ledger(kDay1 + 2 * kDay, 2 * kDay);
    const auto to = ledger(kDay1 + 5 * kDay, 3 * kDay);
    const auto grace = told_in(begun(kDay1 + 400 * kDay, ledger(kDay1, Duration{0})), from, to);
    EXPECT_LE(grace.ends_at, kDay1 + 30 * kDay) << "nobody has four hundred days";
}

TEST(ToldIn, another_ledger_a_frozen_grace_is_what_it_was) {
    auto frozen = begun(kDay1, ledger(kDay1, Duration{0}));
    frozen.frozen = true;
    EXPECT_EQ(told_in(frozen, ledger(kDay1, kDay, kDay), ledger(kDay1 + kDay, kDay)), frozen);
}

}  // namespace
}  // namespace latchkey::core
