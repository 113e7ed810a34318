// What holds for every pair of machines.

#include <gtest/gtest.h>

#include <algorithm>

#include "hwid/match.h"
#include "tests/unit/hwid/small_machines.h"

namespace latchkey::hwid {
namespace {

using namespace small;

TEST(MatchProperties, the_verdict_is_symmetric_and_repeatable) {
    const std::vector<std::string> names{"desktop",
                                         "desktop-nic-swapped",
                                         "desktop-disk-swapped",
                                         "desktop-board-replaced",
                                         "desktop-twin",
                                         "laptop",
                                         "vm",
                                         "whitebox",
                                         "server"};
    for (const auto& one : names) {
        for (const auto& two : names) {
            SCOPED_TRACE(one + " / " + two);
            const auto there = compare(fixture(one), fixture(two));
            const auto back = compare(fixture(two), fixture(one));
            EXPECT_EQ(there.verdict, back.verdict);
            EXPECT_EQ(there.significant, back.significant);
            EXPECT_EQ(there.changed_any, back.changed_any);
            EXPECT_EQ(there.score, back.score);
            EXPECT_EQ(there, compare(fixture(one), fixture(two)));
        }
    }
}

TEST(MatchProperties, the_order_of_components_does_not_matter) {
    auto snapshot = fakes::machine("server");
    const auto forward = compare(fixture("server"), print(snapshot));
    std::reverse(snapshot.components.begin(), snapshot.components.end());
    const auto backward = compare(fixture("server"), print(snapshot));
    EXPECT_EQ(forward.verdict, backward.verdict);
    EXPECT_EQ(forward.score, backward.score);
    EXPECT_EQ(forward.anchors, backward.anchors);
}

TEST(MatchProperties, the_components_weights_add_up_to_the_score) {
    for (const auto* name :
         {"desktop-nic-swapped", "desktop-board-replaced", "desktop-twin", "laptop", "server"}) {
        const auto got = compare(fixture("desktop"), fixture(name));
        std::int32_t sum = 0;
        for (const auto& component : got.components) sum += component.weight;
        EXPECT_EQ(sum, got.score) << name;
    }
}

TEST(MatchProperties, every_piece_of_evidence_is_accounted_for_once) {
    const auto before = fixture("laptop");
    const auto after = fixture("server");
    const auto got = compare(before, after);
    std::vector<int> seen_before(before.evidence.size());
    std::vector<int> seen_after(after.evidence.size());
    for (const auto& component : got.components) {
        if (component.before >= 0) ++seen_before.at(static_cast<std::size_t>(component.before));
        if (component.after >= 0) ++seen_after.at(static_cast<std::size_t>(component.after));
    }
    EXPECT_EQ(std::count(seen_before.begin(), seen_before.end(), 1),
              static_cast<long>(seen_before.size()));
    EXPECT_EQ(std::count(seen_after.begin(), seen_after.end(), 1),
              static_cast<long>(seen_after.size()));
}

TEST(MatchProperties, a_higher_threshold_asks_for_more) {
    Weights strict = default_weights();
    strict.same_threshold = 100'000;
    EXPECT_NE(match(fixture("desktop"), fixture("desktop"), strict).verdict, Verdict::same);
    EXPECT_EQ(match(fixture("vm"), fixture("vm"), strict).verdict, Verdict::insufficient);
}

TEST(MatchProperties, the_weights_say_where_they_come_from) {
    EXPECT_GT(default_weights().version, 0);
    EXPECT_FALSE(default_weights().provenance.empty());
    for (std::size_t i = 0; i < kKindCount; ++i) {
        const auto& weight = default_weights().of[i];
        EXPECT_GE(weight.agree, weight.partly);
        EXPECT_GE(weight.partly, weight.disagree);
        const auto kind = static_cast<Kind>(i);
        if (kind > Kind::disk && kind != Kind::cloud_instance_id) {
            EXPECT_LE(weight.agree, 11) << name(kind) << ": about one bit at most";
        }
    }
}

TEST(MatchNames, enumerations_have_the_spellings_of_the_contract) {
    for (const auto* text : {"same", "different", "insufficient"})
        EXPECT_EQ(name(verdict_from_name(text).value()), text);
    for (const auto* text : {"match", "changed", "added", "removed", "unreadable", "ignored"}) {
        EXPECT_EQ(name(outcome_from_name(text).value()), text);
    }
    EXPECT_FALSE(verdict_from_name("maybe"));
    EXPECT_FALSE(outcome_from_name("kept"));
    EXPECT_EQ(name(Why::became_readable), "became_readable");
    EXPECT_EQ(name(Anchor::nic), "nic");
}

}  // namespace
}  // namespace latchkey::hwid
