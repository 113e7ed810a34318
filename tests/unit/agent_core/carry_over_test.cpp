#include "agent/core/carry_over.h"

#include "tests/unit/agent_core/world.h"

namespace latchkey::core {
namespace {

TEST(CarryOver, leaves_nothing_of_a_row_without_a_license) {
    auto w = installed();
    EXPECT_FALSE(carried_over(w.state));
    w << activation();
    EXPECT_FALSE(carried_over(w.state)) << "the request is the other machine's";
    w.state.deactivated = true;
    EXPECT_FALSE(carried_over(w.state));
}

TEST(CarryOver, keeps_a_license_with_all_that_its_hardware_is_judged_by) {
    auto w = installed();
    w.activate(lease(w.now()));
    const auto kept = carried_over(w.state);
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->status, ProductStatus::licensed);
    EXPECT_EQ(kept->license->id, w.state.license->id);
    EXPECT_EQ(kept->product_key, w.state.product_key);
    EXPECT_TRUE(kept->matching_baseline);
    EXPECT_TRUE(kept->counting_baseline);
    EXPECT_EQ(kept->next_attempt_at, kept->renew_at);
}

TEST(CarryOver, leaves_the_other_machines_requests_wishes_and_rearms_behind) {
    auto w = installed();
    w.activate(lease(w.now()));
    w << activation();
    w.state.queued = w.state.intent;
    w.state.held = true;
    w.state.held_code = "would_count";
    w.state.held_key = "KEY";
    w.state.rearms_used = 2;
    w.state.retry_position = 5;
    const auto kept = carried_over(w.state);
    ASSERT_TRUE(kept);
    EXPECT_FALSE(kept->intent);
    EXPECT_FALSE(kept->queued);
    EXPECT_FALSE(kept->held);
    EXPECT_TRUE(kept->held_key.empty());
    EXPECT_EQ(kept->rearms_used, 0);
    EXPECT_EQ(kept->retry_position, 0);
}

}  // namespace
}  // namespace latchkey::core
