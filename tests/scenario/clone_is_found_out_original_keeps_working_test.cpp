// A disk is copied into a second machine that shows the same serials, a virtual machine's copy for
// instance. No hardware tells the two apart; that they renew one lease in turns does.

#include <boost/json/serialize.hpp>

#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

struct Cloned {
    Stage original;
    std::unique_ptr<Stage> clone;

    Cloned() {
        original.vendor().add_product("suite");
        const auto key = original.vendor().sell("suite", "ai-cloud", 5);
        original.install("suite");
        EXPECT_EQ(original.activate("suite", key).status, 200);
        original.pass(20 * day);
        clone = std::make_unique<Stage>(original, Stage::Disk::copied);
    }
    void both_run(Duration time) { original.pass(time, clone.get()); }
    std::string machine() {
        const auto listed = original.vendor().admin("machine", "list", {});
        return std::string(listed.at("machines").at(0).at("id").as_string());
    }
    boost::json::object shown() {
        return original.vendor().admin("machine", "show", {{"id", {machine()}}});
    }
    bool has_adoption_receipt() {
        const auto listed = original.vendor().admin("receipt", "list", {});
        for (const auto& receipt : listed.at("receipts").as_array())
            if (receipt.at("kind").as_string() == "adoption") return true;
        return false;
    }
};

TEST(Clone, is_told_and_keeps_a_full_grace_while_the_original_renews_untouched) {
    Cloned story;
    EXPECT_EQ(story.clone->state("suite"), "licensed") << "nothing tells them apart yet";
    for (int days = 0; days < 60 && story.clone->state("suite") == "licensed"; ++days)
        story.both_run(day);
    EXPECT_EQ(story.clone->state("suite"), "out_of_tolerance_grace");
    const auto grace = story.clone->product("suite").at("grace");
    EXPECT_GE(grace.at("remaining_s").as_int64(), 29 * 86'400);
    EXPECT_NE(boost::json::serialize(story.clone->history("suite").body).find("suspected_clone"),
              std::string::npos);
    const auto before = story.original.product("suite").at("license").at("expires_at").as_string();
    story.both_run(20 * day);
    EXPECT_EQ(story.original.state("suite"), "licensed");
    EXPECT_GT(story.original.product("suite").at("license").at("expires_at").as_string(), before);
    EXPECT_EQ(story.original.used("suite"), 1);
}

TEST(Clone, is_shown_to_the_administrator_who_lets_one_of_them_go_on) {
    Cloned story;
    story.both_run(30 * day);
    ASSERT_EQ(story.clone->state("suite"), "out_of_tolerance_grace");
    EXPECT_EQ(story.shown().at("forks").as_array().size(), 1u);
    EXPECT_FALSE(story.has_adoption_receipt());

    story.original.vendor().admin("machine", "resolve", {{"id", {story.machine()}}});
    story.clone->pass(9 * day);  // the original stays off
    EXPECT_EQ(story.clone->state("suite"), "licensed");
    EXPECT_TRUE(story.has_adoption_receipt());
    EXPECT_TRUE(story.shown().at("forks").as_array().empty());
}

TEST(Clone, is_the_one_that_goes_on_when_resolved_whoever_renews_next) {
    Cloned story;
    story.both_run(30 * day);
    ASSERT_EQ(story.clone->state("suite"), "out_of_tolerance_grace");
    const auto told =
        story.original.vendor().admin("machine", "resolve", {{"id", {story.machine()}}});
    const auto& dispute = told.at("disputes").as_array().at(0);
    EXPECT_LT(dispute.at("goes_on").at("renewed_at").as_string(),
              dispute.at("is_refused").at("renewed_at").as_string())
        << "the refused one has not renewed since";
    story.original.pass(8 * day);  // it renews, and takes nobody's place
    story.both_run(20 * day);
    EXPECT_EQ(story.clone->state("suite"), "licensed");
    EXPECT_EQ(story.original.state("suite"), "out_of_tolerance_grace");
    EXPECT_NE(story.original.product("suite")
                  .at("last_attempt")
                  .at("detail")
                  .as_string()
                  .find("the other one renewed"),
              std::string::npos);
}

TEST(Clone, stays_refused_where_the_administrator_keeps_the_first) {
    Cloned story;
    story.both_run(30 * day);
    ASSERT_EQ(story.clone->state("suite"), "out_of_tolerance_grace");
    for (const bool keep_first : {false, true}) {
        scenario::Arguments arguments{{"id", {story.machine()}}};
        if (keep_first) arguments["keep-first"] = {};
        story.original.vendor().admin("machine", "resolve", arguments);
    }
    story.both_run(20 * day);
    EXPECT_EQ(story.original.state("suite"), "licensed");
    EXPECT_NE(story.clone->state("suite"), "licensed");
}

TEST(Clone, that_wants_a_license_of_its_own_pays_for_it_once) {
    Cloned story;
    story.both_run(30 * day);
    ASSERT_EQ(story.clone->state("suite"), "out_of_tolerance_grace");
    EXPECT_EQ(story.clone->explain("suite").at("would_use"), 1);
    const auto own = story.clone->activate("suite", {}, true);
    ASSERT_EQ(own.status, 200) << own.code();
    EXPECT_EQ(own.at("counted"), 1);
    EXPECT_EQ(story.clone->explain("suite").at("would_use"), 0) << "once";
    const auto again = story.clone->activate("suite", {}, true);
    EXPECT_EQ(again.at("counted"), 0);
    story.both_run(60 * day);
    EXPECT_EQ(story.clone->state("suite"), "licensed");
    EXPECT_EQ(story.original.state("suite"), "licensed");
    EXPECT_EQ(story.original.used("suite"), 2);
}

TEST(Clone, that_outlives_the_original_is_adopted_by_itself) {
    Cloned story;
    story.both_run(30 * day);
    ASSERT_EQ(story.clone->state("suite"), "out_of_tolerance_grace");
    story.clone->pass(45 * day);  // the original is gone for good
    EXPECT_EQ(story.clone->state("suite"), "licensed");
    EXPECT_TRUE(story.has_adoption_receipt());
    EXPECT_EQ(story.clone->used("suite"), 1);
}

}  // namespace
}  // namespace latchkey::scenario
