#include "hwid/compare.h"

#include <gtest/gtest.h>

#include <random>

namespace latchkey::hwid {
namespace {

Evidence value(std::uint8_t number, Quality quality = Quality::good) {
    Evidence e{Kind::disk};
    e.quality = quality;
    if (e.has_digest()) e.digest[0] = number;
    return e;
}

std::pair<KindComparison, std::vector<ComponentResult>> compare(const std::vector<Evidence>& before,
                                                                const std::vector<Evidence>& after,
                                                                Kind kind = Kind::disk,
                                                                bool is_virtual = false) {
    std::vector<ComponentResult> results;
    const auto got = compare_kind(kind, {before, 0}, {after, 100}, {is_virtual, 3}, results);
    return {got, results};
}

TEST(Compare, sets_agree_wholly_partly_or_not_at_all) {
    EXPECT_EQ(compare({value(1), value(2)}, {value(1), value(2)}).first.agreement, Agreement::all);
    EXPECT_EQ(compare({value(1), value(2)}, {value(1), value(3)}).first.agreement,
              Agreement::partly);
    EXPECT_EQ(compare({value(1)}, {value(1), value(3)}).first.agreement, Agreement::partly);
    EXPECT_EQ(compare({value(1)}, {value(2)}).first.agreement, Agreement::none);
    EXPECT_EQ(compare({}, {}).first.agreement, Agreement::unknown);
    EXPECT_EQ(compare({value(1)}, {}).first.agreement, Agreement::unknown);
}

TEST(Compare, indexes_lead_back_into_the_fingerprints) {
    const auto results = compare({value(1), value(2)}, {value(2)}).second;
    ASSERT_EQ(results.size(), 2u);
    EXPECT_EQ(results[0].outcome, Outcome::match);
    EXPECT_EQ(results[0].before, 1);
    EXPECT_EQ(results[0].after, 100);
    EXPECT_EQ(results[1].outcome, Outcome::removed);
    EXPECT_EQ(results[1].before, 0);
}

TEST(Compare, one_hidden_value_excuses_one_loss) {
    const auto got =
        compare({value(1), value(2), value(3)}, {value(1), value(0, Quality::unreadable)}).first;
    EXPECT_EQ(got.hidden, 1);
    EXPECT_EQ(got.removed, 1);
    const auto unread = value(0, Quality::unreadable);
    EXPECT_EQ(compare({unread, unread, value(1), value(2)}, {unread, value(1)}).first.removed, 1)
        << "fewer hidden values than before excuse nothing";
    EXPECT_EQ(compare({value(1), value(2)}, {value(1), value(0, Quality::removable)}).first.removed,
              1)
        << "a stick hides nothing";
    EXPECT_EQ(compare({value(1), value(2)}, {value(1), value(0, Quality::absent)}).first.removed,
              1);
}

TEST(Compare, virtual_addresses_count_in_virtual_machines_only) {
    const std::vector<Evidence> one{value(1, Quality::virtual_)};
    EXPECT_EQ(compare(one, one, Kind::nic, true).first.agreement, Agreement::all);
    EXPECT_EQ(compare(one, one, Kind::nic, false).first.agreement, Agreement::unknown);
    EXPECT_EQ(compare(one, one, Kind::disk, true).first.agreement, Agreement::unknown);
    EXPECT_EQ(compare(one, one, Kind::system_product, false).first.agreement, Agreement::all);
}

TEST(Compare, single_values_differ_and_members_of_sets_are_replaced) {
    EXPECT_EQ(compare({value(1)}, {value(2)}, Kind::system_uuid).second.at(0).why, Why::differs);
    EXPECT_EQ(compare({value(1)}, {value(2)}, Kind::disk).second.at(0).why, Why::replaced);
}

TEST(Compare, losing_everything_is_told_from_losing_some) {
    EXPECT_TRUE(compare({value(1)}, {value(2)}).first.all_lost());
    EXPECT_TRUE(compare({value(1)}, {value(0, Quality::absent)}).first.all_lost());
    EXPECT_FALSE(compare({value(1), value(2)}, {value(2)}).first.all_lost());
    EXPECT_FALSE(compare({value(1)}, {}).first.all_lost());
}

// Whatever is compared, every value is reported once on its side, and the mirror image counts
// alike.
TEST(Compare, random_sets_are_accounted_for_and_mirror_each_other) {
    std::mt19937 random(19);
    for (int round = 0; round < 10'000; ++round) {
        const auto side = [&] {
            std::vector<Evidence> out;
            for (auto n = random() % 6; n > 0; --n) {
                out.push_back(
                    value(static_cast<std::uint8_t>(1 + random() % 5),
                          random() % 3 ? Quality::good : static_cast<Quality>(random() % 7)));
                out.back().multiplicity = random() % 8 == 0 ? 5 : 0;
            }
            std::sort(out.begin(), out.end(),
                      [](const Evidence& a, const Evidence& b) { return a.digest < b.digest; });
            return out;
        };
        const auto before = side();
        const auto after = side();
        const auto [there, results] = compare(before, after);
        const auto back = compare(after, before).first;
        EXPECT_EQ(there.matched, back.matched);
        EXPECT_EQ(there.replaced, back.replaced);
        EXPECT_EQ(there.removed, back.added);
        EXPECT_EQ(there.added, back.removed);
        EXPECT_EQ(there.agreement, back.agreement);
        std::size_t reported_before = 0;
        std::size_t reported_after = 0;
        for (const auto& r : results) {
            reported_before += r.before >= 0;
            reported_after += r.after >= 0;
        }
        EXPECT_EQ(reported_before, before.size());
        EXPECT_EQ(reported_after, after.size());
    }
}

}  // namespace
}  // namespace latchkey::hwid
