#include "hwid/weights.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/unit/hwid/small_machines.h"

namespace latchkey::hwid {
namespace {

using namespace small;

TEST(Weights, the_table_built_in_is_sound) { EXPECT_EQ(unsound(default_weights()), ""); }

TEST(Weights, no_table_may_turn_evidence_round_or_leave_its_bounds) {
    struct Case {
        const char* what;
        std::function<void(Weights&)> spoil;
    };
    const std::vector<Case> cases{
        {"version 0", [](Weights& w) { w.version = 0; }},
        {"agreement against",
         [](Weights& w) {
             w[Kind::nic] = {-1, -1, -1};
         }},
        {"agreement beyond 40 bits", [](Weights& w) { w[Kind::nic].agree = 401; }},
        {"disagreement for",
         [](Weights& w) {
             w[Kind::nic] = {10, 5, 1};
         }},
        {"disagreement beyond 40 bits", [](Weights& w) { w[Kind::nic].disagree = -401; }},
        {"partly above all", [](Weights& w) { w[Kind::nic].partly = 400; }},
        {"partly below none",
         [](Weights& w) {
             w[Kind::nic] = {10, -11, -10};
         }},
        {"a strong model", [](Weights& w) { w[Kind::cpu_model].agree = 21; }},
        {"an identity of the system", [](Weights& w) { w[Kind::os_machine_id].agree = 1; }},
        {"no threshold", [](Weights& w) { w.same_threshold = -101; }},
        {"a threshold nobody reaches", [](Weights& w) { w.same_threshold = 401; }},
        {"multiplicity 0", [](Weights& w) { w.worthless_multiplicity = 0; }},
        {"multiplicity 17", [](Weights& w) { w.worthless_multiplicity = 17; }},
        {"sharing that gains", [](Weights& w) { w.loss_when_shared[0] = -1; }},
        {"sharing that falls", [](Weights& w) { w.loss_when_shared[2] = 0; }},
        {"a board that may be lost",
         [](Weights& w) {
             w.losses[0] = {{Anchor::cloud}, {}};
         }},
        {"a board that is forgiven",
         [](Weights& w) {
             w.losses[0] = {{Anchor::board}, {Anchor::tpm}};
         }},
        {"a loss of nothing",
         [](Weights& w) {
             w.losses[1] = {{}, {Anchor::tpm}};
         }},
        {"a loss that forgives itself",
         [](Weights& w) {
             w.losses[1] = {{Anchor::nic}, {Anchor::nic}};
         }},
        {"too many losses", [](Weights& w) { w.loss_count = Weights::kMaxLosses + 1; }},
    };
    for (const auto& [what, spoil] : cases) {
        Weights weights = default_weights();
        spoil(weights);
        EXPECT_NE(unsound(weights), "") << what;
    }
}

TEST(Weights, a_value_that_others_show_too_is_worth_less_by_how_many_they_are) {
    const Weights& w = default_weights();
    const auto score_where_shared_by = [&](std::uint32_t others) {
        auto after = print({kNic});
        after.evidence[0].multiplicity = others;
        return match(print({kNic}), after, w).score;
    };
    EXPECT_EQ(score_where_shared_by(0), w[Kind::nic].agree);
    EXPECT_EQ(score_where_shared_by(1), w[Kind::nic].agree - w.loss_when_shared[1]);
    EXPECT_EQ(score_where_shared_by(2), w[Kind::nic].agree - w.loss_when_shared[2]);
    EXPECT_LT(w.loss_when_shared[1], w.loss_when_shared[2]);
}

TEST(Weights, the_rarest_value_of_a_set_decides_what_sharing_costs) {
    const Weights& w = default_weights();
    auto after = print({kNic, kNic2});
    after.evidence[0].multiplicity = 2;
    EXPECT_EQ(match(print({kNic, kNic2}), after, w).score, w[Kind::nic].agree);
}

TEST(Weights, an_agreement_never_turns_against_the_machine) {
    Weights w = default_weights();
    w.loss_when_shared.fill(400);
    EXPECT_EQ(match(print({kNic}), print({kNic}), w).score, 0);
}

TEST(Weights, the_table_says_which_losses_are_significant) {
    Weights strict = default_weights();
    strict.losses[2] = {{Anchor::disk}, {}};
    strict.loss_count = 3;
    ASSERT_EQ(unsound(strict), "");
    const auto before = print({kSerial, kNic, kDisk});
    const auto after = print({kSerial, kNic, kOtherDisk});
    EXPECT_FALSE(match(before, after, default_weights()).significant);
    EXPECT_TRUE(match(before, after, strict).significant);
    EXPECT_EQ(match(before, after, strict).verdict, Verdict::same);
}

TEST(Weights, anchors_have_names_both_ways) {
    for (std::size_t i = 0; i < kAnchorCount; ++i) {
        const auto anchor = static_cast<Anchor>(i);
        EXPECT_EQ(anchor_from_name(name(anchor)), anchor);
    }
    EXPECT_EQ(anchor_from_name("gpu"), std::nullopt);
}

}  // namespace
}  // namespace latchkey::hwid
