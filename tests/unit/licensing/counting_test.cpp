#include "licensing/counting.h"

#include <gtest/gtest.h>

#include <array>

namespace latchkey::licensing {
namespace {

using enum CountingRule;
using hwid::Verdict;

constexpr std::array kRules{significant_change, any_change, every_activation};

TEST(Counting, C1_a_new_machine_counts_under_every_program) {
    EXPECT_EQ(decide_count_new_machine().counted, 1);
    EXPECT_EQ(decide_count_new_machine().reason, "The first activation on this machine: counted.");
    for (const auto rule : kRules) {
        const auto decision = decide_count(rule, Verdict::different, true, true);
        EXPECT_EQ(decision.counted, 1);
        EXPECT_EQ(decision.reason, "A different machine: counted.");
    }
}

TEST(Counting, C2_same_machine_without_significant_change_is_free) {
    const auto decision = decide_count(significant_change, Verdict::same, false, true);
    EXPECT_EQ(decision.counted, 0);
    EXPECT_EQ(decision.reason, "Same machine, no significant hardware change: not counted.");
}

TEST(Counting, C3_same_machine_with_a_significant_change_counts) {
    const auto decision = decide_count(significant_change, Verdict::same, true, true);
    EXPECT_EQ(decision.counted, 1);
    EXPECT_EQ(decision.reason, "Same machine, significant hardware change: counted.");
}

TEST(Counting, C4_same_machine_without_any_change_is_free_in_action_pack) {
    const auto decision =
        decide_count(find_preset("action-pack")->rule, Verdict::same, false, false);
    EXPECT_EQ(decision.counted, 0);
    EXPECT_EQ(decision.reason, "Same machine, no hardware change: not counted.");
}

TEST(Counting, C5_any_hardware_change_counts_in_action_pack) {
    const auto decision =
        decide_count(find_preset("action-pack")->rule, Verdict::same, false, true);
    EXPECT_EQ(decision.counted, 1);
    EXPECT_NE(decision.reason.find("any hardware change counts"), std::string::npos);
}

TEST(Counting, C6_every_activation_counts_for_competency_partners_even_unchanged) {
    const auto decision =
        decide_count(find_preset("competency")->rule, Verdict::same, false, false);
    EXPECT_EQ(decision.counted, 1);
    EXPECT_NE(decision.reason.find("every activation counts"), std::string::npos);
}

TEST(Counting, what_cannot_be_proved_the_same_counts_under_every_rule) {
    for (const auto rule : kRules)
        for (const bool significant : {false, true})
            for (const bool changed : {false, true}) {
                const auto decision =
                    decide_count(rule, Verdict::insufficient, significant, changed);
                EXPECT_EQ(decision.counted, 1);
                EXPECT_NE(decision.reason.find("Too little hardware evidence"), std::string::npos);
            }
}

TEST(Counting, every_combination_has_its_count_and_a_reason_that_says_it) {
    struct Row {
        CountingRule rule;
        bool significant;
        bool changed;
        int counted;
    };
    constexpr std::array kSame{
        Row{significant_change, false, false, 0}, Row{significant_change, false, true, 0},
        Row{significant_change, true, false, 1},  Row{significant_change, true, true, 1},
        Row{any_change, false, false, 0},         Row{any_change, false, true, 1},
        Row{any_change, true, false, 0},          Row{any_change, true, true, 1},
        Row{every_activation, false, false, 1},   Row{every_activation, false, true, 1},
        Row{every_activation, true, false, 1},    Row{every_activation, true, true, 1},
    };
    for (const auto& row : kSame) {
        for (const auto verdict : {Verdict::same, Verdict::different, Verdict::insufficient}) {
            const auto decision = decide_count(row.rule, verdict, row.significant, row.changed);
            const int expected = verdict == Verdict::same ? row.counted : 1;
            EXPECT_EQ(decision.counted, expected) << name(row.rule);
            const std::string ending = expected == 0 ? ": not counted." : ": counted.";
            EXPECT_TRUE(decision.reason.ends_with(ending)) << decision.reason;
        }
    }
}

}  // namespace
}  // namespace latchkey::licensing
