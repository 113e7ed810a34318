#include "tests/identity/derive.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/identity/made_up.h"

namespace latchkey::identity {
namespace {

using hwid::Kind;

Derivation derived() {
    const made_up::Office office;
    auto out = derive(office.data());
    if (!out) throw std::runtime_error(out.error().detail);
    return *std::move(out);
}

const Outcomes& of(const OutcomesByKind& outcomes, Kind kind) {
    return outcomes[static_cast<std::size_t>(kind)];
}

TEST(Learn, counts_outcomes_as_the_matcher_sees_them) {
    const made_up::Office office;
    const auto learned = learn(office.data());
    EXPECT_EQ(learned.same_pairs, 80);
    EXPECT_EQ(learned.fleet_pairs, 60);
    EXPECT_EQ(of(learned.same, Kind::disk).all, 72);
    EXPECT_EQ(of(learned.same, Kind::disk).none, 8);
    EXPECT_EQ(of(learned.fleet, Kind::cpu_model).all, 60);
    EXPECT_EQ(of(learned.strangers, Kind::cpu_model).total(), 80 * 79 / 2) << "each pair once";
    EXPECT_EQ(of(learned.strangers, Kind::cpu_model).all, 20 * 6) << "of one fleet by chance";
    EXPECT_EQ(of(learned.strangers, Kind::nic).none, 80 * 79 / 2);
}

TEST(Learn, draws_no_more_strangers_than_asked_for_and_always_the_same) {
    const made_up::Office office;
    const auto data = office.data();
    const auto one = learn(data, 500);
    EXPECT_LE(of(one.strangers, Kind::cpu_model).total(), 500);
    EXPECT_GT(of(one.strangers, Kind::cpu_model).total(), 450) << "a unit is no stranger to itself";
    EXPECT_EQ(of(one.strangers, Kind::cpu_model).all,
              of(learn(data, 500).strangers, Kind::cpu_model).all);
}

TEST(Learn, records_of_one_unit_under_two_ids_are_no_strangers) {
    const made_up::Office office;
    auto data = office.data();
    data.machines[1].unit = data.machines[0].unit;
    EXPECT_EQ(of(learn(data).strangers, Kind::nic).total(), 80 * 79 / 2 - 1);
}

TEST(Derive, weighs_by_the_logarithm_of_how_often_one_agrees_over_two) {
    const auto d = derived();
    const double m = 80.5 / 81.5;
    const double u = (60.5 / 61.5 + 120.5 / (80 * 79 / 2 + 1.5)) / 2;
    EXPECT_EQ(d.weights[Kind::cpu_model].agree, std::lround(10 * std::log2(m / u)));
    EXPECT_LT(d.weights[Kind::cpu_model].disagree, 0);
    EXPECT_GT(d.weights[Kind::board_serial].agree, 50);
    EXPECT_EQ(d.weights[Kind::disk].disagree,
              std::lround(10 * std::log2((8.5 / 81.5) / (60.5 / 61.5 / 2 + 3160.5 / 3161.5 / 2))));
    EXPECT_EQ(d.weights[Kind::vm_generation_id], hwid::Weight{});
    EXPECT_EQ(hwid::unsound(d.weights), "");
}

TEST(Derive, puts_the_threshold_under_the_hardest_case_that_must_be_the_same_machine) {
    const auto d = derived();
    EXPECT_EQ(d.known_again, 80 + 1);
    EXPECT_EQ(d.mistaken, 0);
    EXPECT_EQ(d.weights.same_threshold, std::min(d.lowest_same, d.lone_board) - 10);
}

TEST(Derive, gives_the_same_bytes_twice) {
    const auto source = as_source(derived());
    EXPECT_EQ(source, as_source(derived()));
    EXPECT_NE(source.find("do not edit") == std::string::npos ? source.find("Do not edit") : 0,
              std::string::npos);
    for (const auto& assumption : assumptions())
        EXPECT_NE(source.find(std::string(assumption.about.substr(0, 20))), std::string::npos);
    EXPECT_EQ(source.find("2026-"), std::string::npos) << "no dates";
}

TEST(Derive, refuses_to_learn_from_too_little) {
    const made_up::Office office;
    auto data = office.data();
    data.real.resize(10);
    const auto got = derive(data);
    ASSERT_FALSE(got);
    EXPECT_NE(got.error().detail.find("too few pairs to learn from"), std::string::npos);
}

}  // namespace
}  // namespace latchkey::identity
