// The books beside the key server's: each wrong count is seen to be noticed.

#include <gtest/gtest.h>

#include "tests/simulator/books.h"

namespace latchkey::simulator {
namespace {

using licensing::CountingRule;

struct Office {
    Books books;
    Entry entry;

    explicit Office(CountingRule rule) {
        books.open("key", 3);
        books.asked("m:studio", 100);
        entry = {"key", "m", "m:studio", "mch_1", Hardware{}, rule, false, 1};
        EXPECT_EQ(enter(1), "");
    }
    std::string enter(int counted) {
        entry.counted = counted;
        std::string all;
        for (const auto& breach : books.enter(entry)) all += breach.rule + ": " + breach.what;
        return all;
    }
};

bool has(const std::string& text, const char* words) {
    return text.find(words) != std::string::npos;
}

TEST(Books, C2_an_unchanged_machine_is_not_counted_twice) {
    for (const auto rule : {CountingRule::significant_change, CountingRule::any_change}) {
        Office office(rule);
        EXPECT_EQ(office.enter(0), "");
        EXPECT_TRUE(has(office.enter(1), "counted again"));
    }
}

TEST(Books, what_a_machine_and_its_whole_copy_dispute_may_count) {
    Office office(CountingRule::significant_change);
    office.entry.twin = true;
    EXPECT_EQ(office.enter(1), "");
    EXPECT_EQ(office.enter(0), "");
}

TEST(Books, C2_a_card_alone_is_no_significant_change_but_C5_any_change) {
    Office significant(CountingRule::significant_change);
    significant.entry.hardware.card = 1;
    EXPECT_TRUE(has(significant.enter(1), "without a significant change"));
    Office any(CountingRule::any_change);
    any.entry.hardware.card = 1;
    EXPECT_TRUE(has(any.enter(0), "a change was not counted"));
}

TEST(Books, C3_a_new_board_is_counted) {
    Office office(CountingRule::significant_change);
    office.entry.hardware.board = 1;
    EXPECT_TRUE(has(office.enter(0), "a new board was not counted"));
}

TEST(Books, C3_a_board_that_a_renewal_may_have_shown_before_is_left_open) {
    Office office(CountingRule::significant_change);
    office.entry.hardware.board = 1;
    office.books.renewed(office.entry.hardware);
    EXPECT_EQ(office.enter(0), "");
}

TEST(Books, C1_a_first_activation_is_counted) {
    Office office(CountingRule::significant_change);
    office.entry.hardware.unit = 2;
    EXPECT_TRUE(has(office.enter(0), "a first activation was not counted"));
}

TEST(Books, C6_every_activation_is_counted) {
    Office office(CountingRule::every_activation);
    EXPECT_TRUE(has(office.enter(0), "an activation was not counted"));
}

TEST(Books, more_answers_than_questions_are_noticed) {
    Office office(CountingRule::every_activation);
    office.books.asked("m:studio", 2);
    EXPECT_EQ(office.enter(1), "");
    EXPECT_TRUE(has(office.enter(1), "3 activations were decided, and 2 were asked for"));
}

TEST(Books, C7_a_key_is_never_used_above_its_limit) {
    Office office(CountingRule::every_activation);
    office.enter(1);
    EXPECT_EQ(office.enter(1), "");
    EXPECT_TRUE(has(office.enter(1), "4 of 3"));
}

TEST(Books, the_key_servers_figure_is_what_its_receipts_say) {
    Office office(CountingRule::every_activation);
    EXPECT_TRUE(office.books.compare("key", 1).empty());
    EXPECT_FALSE(office.books.compare("key", 2).empty());
}

TEST(Books, a_machine_that_the_publisher_ended_counts_again) {
    Office office(CountingRule::significant_change);
    office.books.ended("mch_1");
    EXPECT_TRUE(has(office.enter(0), "came back without a count"));
}

TEST(Books, unreadable_hardware_is_judged_by_nobody) {
    Office office(CountingRule::significant_change);
    office.entry.hardware.unreadable = true;
    EXPECT_EQ(office.enter(1), "");
}

}  // namespace
}  // namespace latchkey::simulator
