#include "tests/identity/report.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/strict_json.h"
#include "hwid/snapshot.h"
#include "tests/identity/made_up.h"
#include "tests/identity/rivals.h"

namespace latchkey::identity {
namespace {

const Measure& find(const Report& report, const std::string& set, const std::string& what) {
    const auto found =
        std::find_if(report.measures.begin(), report.measures.end(),
                     [&](const Measure& m) { return m.set == set && m.what == what; });
    if (found == report.measures.end()) throw std::runtime_error("no " + set + ": " + what);
    return *found;
}

Tally by(const Measure& measure, Method method) {
    return measure.by[static_cast<std::size_t>(method)];
}

TEST(Report, measures_each_set_and_scenario_by_each_method) {
    const made_up::Office office;
    const auto report = measure(office.data());
    EXPECT_EQ(report.pairs, 143u);
    EXPECT_EQ(report.left_out, 1u);
    const auto& accepts = find(report, "same_fleet", "false accepts");
    EXPECT_EQ(by(accepts, Method::ours).total, 60);
    EXPECT_EQ(by(accepts, Method::ours).hits, 0);
    EXPECT_EQ(by(accepts, Method::seven_points).hits, 60) << "a twin keeps seven of twelve points";
    EXPECT_EQ(by(accepts, Method::majority).hits, 0);
    EXPECT_EQ(by(find(report, "adjacent", "counted although the same"), Method::ours).hits, 0);
    EXPECT_EQ(by(find(report, "life", "called different"), Method::ours).total, 40);
    EXPECT_EQ(by(find(report, "N2 twin", "expectation met"), Method::ours).hits, 1);
    EXPECT_EQ(by(find(report, "S7 policy", "counted (a matter of policy)"), Method::majority).hits,
              0);
    EXPECT_EQ(find(report, "S7 policy", "counted (a matter of policy)").bar, std::nullopt);
    EXPECT_TRUE(report.met());
}

TEST(Report, says_where_a_bar_is_missed) {
    const made_up::Office office;
    auto data = office.data();
    // A label turned round: a machine known again is now a false accept.
    data.real[0].same = false;
    data.real[0].set = "same_fleet";
    const auto report = measure(data);
    EXPECT_FALSE(report.met());
    EXPECT_EQ(by(find(report, "same_fleet", "false accepts"), Method::ours).hits, 1);
    EXPECT_NE(as_text(report).find("MISSED"), std::string::npos);
}

TEST(Report, text_has_a_line_a_measure_and_json_the_same_numbers) {
    const made_up::Office office;
    const auto report = measure(office.data());
    const auto text = as_text(report);
    EXPECT_NE(text.find("same_fleet: false accepts"), std::string::npos) << text;
    EXPECT_NE(text.find("0.00 (0.00-6.02)"), std::string::npos) << text;
    EXPECT_NE(text.find("<= 0.50 met"), std::string::npos) << text;
    const auto parsed = json::parse_strict(as_json(report), {.allow_doubles = true});
    ASSERT_TRUE(parsed) << parsed.error().detail;
    const auto& measures = parsed->as_object().at("measures").as_array();
    ASSERT_EQ(measures.size(), report.measures.size());
    EXPECT_EQ(measures[0].as_object().at("latchkey").as_object().at("hits").as_int64(),
              report.measures[0].by[0].hits);
    EXPECT_EQ(parsed->as_object().at("met").as_bool(), report.met());
}

hwid::Fingerprint print(const std::string& components) {
    const auto snapshot = hwid::parse_snapshot(
        R"({"schema":"latchkey.hwid.snapshot/1","components":[)" + components + "]}");
    return hwid::fingerprint(snapshot.value(), hwid::plain_digest, "");
}

TEST(Rivals, the_majority_counts_every_kind_that_both_sides_show_once) {
    using made_up::component;
    const auto board = component("system_serial", "AQX7000") + "," + component("cpu_model", "one");
    const auto one = print(board + "," + component("nic", "3c:52:82:1f:0a:01"));
    const auto two = print(board + "," + component("nic", "3c:52:82:1f:0a:02"));
    EXPECT_TRUE(majority_says_same(one, two)) << "two of three";
    EXPECT_FALSE(majority_says_same(print(component("cpu_model", "one")), print("")));
    EXPECT_FALSE(majority_says_same(
        print(component("cpu_model", "one") + "," + component("system_serial", "AQX7000")),
        print(component("cpu_model", "one") + "," + component("system_serial", "AQX7001"))))
        << "half is no majority";
}

TEST(Rivals, seven_points_give_the_network_card_three) {
    using made_up::component;
    const auto with = [](const std::string& nic, int changed) {
        std::string out = component("nic", nic);
        for (const auto* kind : {"board_product", "system_product", "gpu", "cpu_model",
                                 "cpu_signature", "memory_total_mb"})
            out += "," + component(kind, std::string(kind) == "memory_total_mb"
                                             ? (changed-- > 0 ? "8192" : "16384")
                                             : (changed-- > 0 ? "new" : "old"));
        return print(out);
    };
    const auto before = with("3c:52:82:1f:0a:01", 0);
    EXPECT_TRUE(seven_points_say_same(before, with("3c:52:82:1f:0a:01", 5)));
    EXPECT_TRUE(seven_points_say_same(before, with("3c:52:82:1f:0a:02", 2)));
    EXPECT_FALSE(seven_points_say_same(before, with("3c:52:82:1f:0a:02", 3)));
}

}  // namespace
}  // namespace latchkey::identity
