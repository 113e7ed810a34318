// A state and a second copy of two installations: whose grace counts, and in whose time.

#include "agent/store/merge.h"

#include <gtest/gtest.h>

#include "agent/core/step.h"
#include "tests/unit/agent_store/sample_state.h"

namespace latchkey::store {
namespace {

const ProductId kDraw{"acme", "draw"};
const ProductId kPaint{"acme", "paint"};

/// An installation whose clock had proven `proven`, with its scale set by `scale`.
core::TimeLedger time_of(ServerTime proven, Duration scale) {
    auto time = some_time();
    time.proven = proven;
    time.scale_set = scale;
    return time;
}

core::Grace grace_in(const core::TimeLedger& time) {
    return {.started_at = kNow,
            .ends_at = kNow + Days{30},
            .length = Days{30},
            .kind = core::ProductStatus::initial_grace,
            .off_clock = kNow.time_since_epoch() - time.charged,
            .scale_set = time.scale_set};
}

Contents state(const core::TimeLedger& time, std::int64_t revision) {
    Contents contents;
    contents.revision = revision;
    contents.time = time;
    contents.products[kDraw] = in_initial_grace("draw");
    contents.products[kDraw].grace.reset();
    contents.products[kDraw].status = core::ProductStatus::notification;
    auto paint = with_everything();
    paint.grace = grace_in(time);
    paint.grace->kind = core::ProductStatus::out_of_tolerance_grace;
    contents.products[kPaint] = paint;
    return contents;
}

Anchor copy(const core::TimeLedger& time, std::int64_t revision) {
    Anchor anchor;
    anchor.revision = revision;
    anchor.time = time;
    AnchorProduct draw;
    draw.grace_granted = true;
    draw.grace = grace_in(time);
    anchor.products[kDraw] = draw;
    return anchor;
}

ServerTime end_of(const Contents& contents, const ProductId& id) {
    auto state = contents.products.at(id);
    const auto& time = contents.time;
    core::follow_corrected_clock(
        state, {.now = time.proven, .charged = time.charged, .scale_set = time.scale_set});
    return state.grace->ends_at;
}

class OtherLine : public testing::Test {
protected:
    static constexpr Days early{1}, late{5};
};

TEST_F(OtherLine, counts_whatever_the_revisions_say) {
    auto contents = state(time_of(kNow + early, Days{9}), 100);
    const auto merged = merge(contents, copy(time_of(kNow + late, Days{2}), 3), Line::other);
    EXPECT_TRUE(merged.time);
    EXPECT_EQ(contents.time.proven, kNow + late);
    EXPECT_EQ(contents.products[kDraw].status, core::ProductStatus::initial_grace);
}

TEST_F(OtherLine, brings_its_time_and_the_rows_that_stay_are_told_in_it) {
    auto contents = state(time_of(kNow + early, Days{9}), 100);
    merge(contents, copy(time_of(kNow + late, Days{2}), 3), Line::other);
    EXPECT_EQ(end_of(contents, kDraw), kNow + Days{30});
    EXPECT_EQ(end_of(contents, kPaint), kNow + Days{30});
}

TEST_F(OtherLine, behind_the_states_time_is_told_in_that) {
    auto contents = state(time_of(kNow + late, Days{2}), 100);
    const auto merged = merge(contents, copy(time_of(kNow + early, Days{9}), 3), Line::other);
    EXPECT_FALSE(merged.time);
    EXPECT_EQ(contents.time.proven, kNow + late) << "time never goes back";
    EXPECT_EQ(end_of(contents, kDraw), kNow + Days{30});
    EXPECT_EQ(end_of(contents, kPaint), kNow + Days{30});
}

TEST_F(OtherLine, is_no_other_where_one_was_taken_from_the_other) {
    auto contents = state(time_of(kNow + early, Days{9}), 100);
    merge(contents, copy(time_of(kNow + late, Days{2}), 3));
    EXPECT_EQ(contents.products[kDraw].status, core::ProductStatus::notification)
        << "the state is the newer";
}

TEST(Merge, a_rebuilt_row_knows_what_the_tpms_counter_was_told) {
    auto second = copy(some_time(), 1);
    second.products[kDraw].tpm = core::TpmLedger{3, 1};
    Contents lost;
    merge(lost, second, Line::one);
    EXPECT_EQ(lost.products.at(kDraw).tpm, (core::TpmLedger{3, 1}));
}

TEST(Merge, a_restored_row_learns_what_the_tpms_counter_was_told_since) {
    auto contents = state(some_time(), 1);
    auto second = copy(some_time(), 1);
    second.products[kDraw].tpm = core::TpmLedger{3, 1};
    const auto merged = merge(contents, second, Line::one);
    EXPECT_EQ(contents.products.at(kDraw).tpm, (core::TpmLedger{3, 1}));
    EXPECT_EQ(merged.products, std::vector{kDraw}) << "and keeps it";
    contents.products.at(kDraw).tpm = core::TpmLedger{4, 0};
    merge(contents, second, Line::one);
    EXPECT_EQ(contents.products.at(kDraw).tpm, (core::TpmLedger{4, 0})) << "but never less";
}

TEST(Merge, the_second_copy_keeps_what_the_tpms_counter_was_told) {
    auto contents = state(some_time(), 1);
    contents.products.at(kDraw).tpm = core::TpmLedger{2, 1};
    const auto kept = anchor_from_text(to_text(updated({}, contents)));
    ASSERT_TRUE(kept) << kept.error().detail;
    EXPECT_EQ(kept->products.at(kDraw).tpm, (core::TpmLedger{2, 1}));
    contents.products.at(kDraw).tpm.reset();
    EXPECT_EQ(updated(*kept, contents).products.at(kDraw).tpm, (core::TpmLedger{2, 1}))
        << "a row that was never asked says nothing else";
}

}  // namespace
}  // namespace latchkey::store
