// Which version is later, and what a release may do to the record (rule E5).

#include "keyserver/rules/versions.h"

#include <gtest/gtest.h>

namespace latchkey::keyserver {
namespace {

ServerTime on(const char* date) {
    return parse_server_time(std::string(date) + "T00:00:00Z").value();
}
const ServerTime kToday = on("2027-06-01");

TEST(Versions, are_compared_number_by_number) {
    for (const auto& [earlier, later] : std::vector<std::pair<const char*, const char*>>{
             {"1", "2"},
             {"2.9", "2.10"},
             {"2", "2.1"},
             {"v2.3", "v2.3.1"},
             {"2026 R2", "2026 R10"},
             {"2024", "2026 R1"},
             {"007", "8"},
             {"9", "123456789012345678901234567890"}}) {
        EXPECT_TRUE(is_earlier_version(earlier, later)) << earlier << " " << later;
        EXPECT_FALSE(is_earlier_version(later, earlier)) << later << " " << earlier;
        EXPECT_EQ(compare_versions(later, earlier), std::strong_ordering::greater);
    }
    for (const auto& [one, same] : std::vector<std::pair<const char*, const char*>>{
             {"2", "2"}, {"2", "2.0"}, {"2.0.0", "2"}, {"02", "2"}, {"", ""}})
        EXPECT_EQ(compare_versions(one, same), std::strong_ordering::equal) << one << " " << same;
}

TEST(Versions, that_differ_in_words_have_no_order) {
    for (const auto& [one, other] :
         std::vector<std::pair<const char*, const char*>>{{"gold", "silver"},
                                                          {"2.0-beta", "2.0"},
                                                          {"2.0", "2.0 R1"},
                                                          {"2.", "2"},
                                                          {"v2", "3"},
                                                          {"", "gold"}})
        EXPECT_EQ(compare_versions(one, other), std::nullopt) << one << " " << other;
}

/// Version 3 of the first of March is the latest, 2 the one before.
class Releases : public ::testing::Test {
protected:
    Releases() {
        product.version = "3";
        product.previous_version = "2";
        product.released = on("2027-03-01");
    }
    Code refusal(const ReleaseWish& wish) {
        const auto after = released(product, wish, kToday);
        EXPECT_FALSE(after);
        problem = after ? Problem{} : after.error();
        return problem.code;
    }
    Product made(const ReleaseWish& wish) {
        const auto after = released(product, wish, kToday);
        EXPECT_TRUE(after) << after.error().detail;
        return after.value_or(product);
    }
    Product product;
    Problem problem;
};

TEST_F(Releases, E5_move_the_latest_to_the_one_before) {
    const auto after = made({"4", {}});
    EXPECT_EQ(after.version, "4");
    EXPECT_EQ(after.previous_version, "3");
    EXPECT_EQ(after.released, kToday);
    EXPECT_EQ(made({"4", on("2027-04-01")}).released, on("2027-04-01"));
    EXPECT_EQ(made({"Gold", {}}).version, "Gold") << "words have no order: the date decides";
}

TEST_F(Releases, E5_never_go_back_unless_a_wrong_one_is_corrected) {
    for (const char* version : {"2", "1", "2.9"}) {
        EXPECT_EQ(refusal({version, {}}), Code::usage) << version;
        EXPECT_NE(problem.remedy.find("--correct"), std::string::npos) << version;
    }
    EXPECT_EQ(refusal({"4", on("2027-02-28")}), Code::usage);
    EXPECT_EQ(problem.detail,
              "version 4 of 2027-02-28 would be older than 3, which was released on 2027-03-01");
    EXPECT_NE(problem.remedy.find("--correct"), std::string::npos);
    EXPECT_EQ(refusal({"3", {}}), Code::already_exists);
    EXPECT_EQ(refusal({"4", {}, false, "3"}), Code::usage) << "--previous is of a correction";
}

TEST_F(Releases, E5_a_correction_replaces_the_latest_and_keeps_the_one_before) {
    product.version = "33";
    const auto after = made({"3", {}, true});
    EXPECT_EQ(after.version, "3");
    EXPECT_EQ(after.previous_version, "2");
    EXPECT_EQ(after.released, on("2027-03-01")) << "the date on record";
    EXPECT_EQ(made({"33", on("2026-01-01"), true}).released, on("2026-01-01"));
    EXPECT_EQ(made({"33", {}, true, "2.5"}).previous_version, "2.5");
    EXPECT_EQ(refusal({"33", {}, true}), Code::already_exists) << "nothing would change";
    EXPECT_EQ(refusal({"1", {}, true}), Code::usage) << "before the previous one";
    EXPECT_NE(problem.remedy.find("--previous"), std::string::npos);
    EXPECT_EQ(made({"1", {}, true, "0.9"}).version, "1");
}

TEST_F(Releases, E5_a_release_that_never_was_is_taken_back_with_the_date_of_the_one_before) {
    EXPECT_EQ(refusal({"2", {}, true}), Code::usage);
    EXPECT_NE(problem.remedy.find("--released"), std::string::npos);
    const auto after = made({"2", on("2026-01-01"), true});
    EXPECT_EQ(after.version, "2");
    EXPECT_EQ(after.previous_version, "");
    EXPECT_EQ(after.released, on("2026-01-01"));
    EXPECT_EQ(made({"2", on("2026-01-01"), true, "1"}).previous_version, "1");
}

TEST_F(Releases, E5_of_a_product_without_versions_leave_nothing_to_correct) {
    product = {};
    EXPECT_EQ(refusal({"1", {}, true}), Code::usage);
    EXPECT_EQ(made({"1", {}}).previous_version, "");
}

}  // namespace
}  // namespace latchkey::keyserver
