// A token is redeemed once. Its cloud service ends with the enrollment year, is warned about ahead
// of that, and goes on with a renewed year's new token (rule K3).

#include <set>

#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

namespace bj = boost::json;

struct Office {
    Stage stage;
    std::string key;
    std::string entitlement;
    Office() {
        stage.vendor().add_product("suite");
        key = stage.vendor().sell("suite", "action-pack", 5);
        stage.install("suite");
        entitlement =
            stage.vendor().admin("key", "list", {}).at("keys").at(0).at("entitlement").as_string();
    }
    std::string token(Duration year_left) {
        const auto ends = as_server(stage.vendor().clock.wall()) + year_left;
        const auto issued = stage.vendor().admin("token", "issue",
                                                 {{"entitlement", {entitlement}},
                                                  {"service", {"Example Cloud"}},
                                                  {"seats", {"25"}},
                                                  {"year-ends", {format_rfc3339(ends)}}});
        return std::string(issued.at("token").as_string());
    }
    Said redeem(const std::string& token) { return stage.post("/v1/redeem", {{"token", token}}); }
    bj::array cloud() { return stage.get("/v1/status").at("cloud_entitlements").as_array(); }
    std::string overall() { return std::string(stage.get("/v1/status").at("overall").as_string()); }
    std::string last_event() {
        return std::string(stage.history("suite").at("entries").at(0).at("event").as_string());
    }
};

TEST(CloudService, K3_a_redeemed_token_is_shown_until_its_year_ends) {
    Office office;
    ASSERT_EQ(office.stage.activate("suite", office.key).status, 200);
    const auto done = office.redeem(office.token(100 * day));
    ASSERT_EQ(done.status, 200) << done.code();
    ASSERT_EQ(office.cloud().size(), 1u);
    const auto one = office.cloud().at(0);
    EXPECT_EQ(one.at("service").as_string(), "Example Cloud");
    EXPECT_EQ(one.at("program").as_string(), "action-pack");
    EXPECT_EQ(one.at("organization").as_string(), "acme");
    EXPECT_EQ(one.at("seats").as_int64(), 25);
    EXPECT_EQ(one.at("state").as_string(), "active");
    EXPECT_EQ(office.overall(), "ok");
    EXPECT_EQ(office.last_event(), "redeemed");
    EXPECT_EQ(office.stage.used("suite"), 1) << "nothing about activations is used";

    office.stage.pass(79 * day);
    EXPECT_EQ(office.overall(), "ok");
    office.stage.pass(2 * day);
    EXPECT_EQ(office.cloud().at(0).at("state").as_string(), "ending");
    EXPECT_EQ(office.overall(), "warning");
    office.stage.pass(20 * day);
    EXPECT_EQ(office.cloud().at(0).at("state").as_string(), "ended");
    EXPECT_EQ(office.overall(), "warning");
    office.stage.pass(30 * day);
    EXPECT_EQ(office.cloud().at(0).at("state").as_string(), "ended");
    EXPECT_EQ(office.overall(), "ok") << "said long enough";
}

TEST(CloudService, K3_a_renewed_year_has_a_new_token) {
    Office office;
    ASSERT_EQ(office.stage.activate("suite", office.key).status, 200);
    office.redeem(office.token(30 * day));
    const auto late = office.token(30 * day);
    office.stage.pass(31 * day);
    EXPECT_EQ(office.redeem(late).code(), "enrollment_ended");
    EXPECT_EQ(office.last_event(), "redemption_refused");
    ASSERT_EQ(office.redeem(office.token(365 * day)).status, 200);
    ASSERT_EQ(office.cloud().size(), 2u);
    EXPECT_EQ(office.overall(), "ok");
    std::set<std::string> states;
    for (const auto& one : office.cloud()) states.emplace(one.at("state").as_string());
    EXPECT_EQ(states, (std::set<std::string>{"active", "renewed"}));
}

TEST(CloudService, K3_a_key_in_place_of_a_token_is_recognised_before_any_network_traffic) {
    Office office;
    const int before = office.stage.vendor().connections;
    EXPECT_EQ(office.redeem(office.key).code(), "key_not_token");
    EXPECT_EQ(office.redeem("AAAAA").code(), "token_malformed");
    EXPECT_EQ(office.stage.vendor().connections, before);
    EXPECT_TRUE(office.cloud().empty());
}

TEST(CloudService, a_token_of_a_product_that_is_not_installed_is_not_sent) {
    Office office;
    Stage other;
    other.vendor().add_product("tool");
    const int before = office.stage.vendor().connections;
    const auto refused = office.redeem(other.vendor().issue_token("tool"));
    EXPECT_EQ(refused.code(), "product_unknown");
    EXPECT_EQ(office.stage.vendor().connections, before);
}

TEST(CloudService, K3_redeeming_twice_gives_the_same_and_nothing_new) {
    Office office;
    const auto token = office.token(100 * day);
    const auto first = office.redeem(token);
    EXPECT_TRUE(first.at("note").is_null());
    const auto again = office.redeem(token);
    EXPECT_EQ(again.at("cloud_entitlement"), first.at("cloud_entitlement"));
    EXPECT_TRUE(again.at("note").is_string());
    EXPECT_EQ(office.cloud().size(), 1u);
    const auto receipts = office.stage.vendor().admin("receipt", "list", {});
    EXPECT_EQ(receipts.at("receipts").as_array().size(), 1u);
}

TEST(CloudService, K3_another_machine_is_refused) {
    Office office;
    const auto token = office.token(100 * day);
    office.redeem(token);
    Stage other(office.stage, Stage::Disk::empty);
    const auto refused = other.post("/v1/redeem", {{"token", token}});
    EXPECT_EQ(refused.code(), "token_redeemed");
    EXPECT_TRUE(other.get("/v1/status").at("cloud_entitlements").as_array().empty());
}

TEST(CloudService, K3_a_lost_reply_is_asked_for_again_to_the_letter) {
    Office office;
    const auto token = office.token(100 * day);
    office.stage.vendor().lost_replies = 1;
    EXPECT_EQ(office.redeem(token).code(), "keyserver_unreachable");
    EXPECT_TRUE(office.cloud().empty());
    EXPECT_NE(health_text(office.stage, "request_pending").find(token.substr(24)),
              std::string::npos);
    EXPECT_EQ(office.stage.post("/v1/generalize").code(), "request_pending")
        << "the answer would be lost with the device key";
    office.stage.restart();
    const auto again = office.redeem(token);
    ASSERT_EQ(again.status, 200) << again.code();
    EXPECT_EQ(office.cloud().size(), 1u);
    EXPECT_EQ(health_text(office.stage, "request_pending"), "");
    EXPECT_EQ(office.stage.vendor().admin("receipt", "list", {}).at("receipts").as_array().size(),
              1u);
}

TEST(CloudService, a_token_that_never_left_is_forgotten) {
    Office office;
    const auto token = office.token(100 * day);
    office.stage.vendor().reachable = false;
    EXPECT_EQ(office.redeem(token).code(), "keyserver_unreachable");
    EXPECT_EQ(health_text(office.stage, "request_pending"), "");
    office.stage.vendor().reachable = true;
    EXPECT_EQ(office.redeem(token).status, 200);
}

TEST(CloudService, belongs_to_the_machine_and_to_no_image) {
    Office office;
    office.redeem(office.token(100 * day));
    office.stage.restart();
    EXPECT_EQ(office.cloud().size(), 1u);
    const auto plan = office.stage.post("/v1/generalize", {{"dry_run", true}});
    bool listed = false;
    for (const auto& one : plan.at("removed").as_array())
        listed = listed || one.at("what").as_string() == "cloud_entitlements";
    EXPECT_TRUE(listed);
    ASSERT_EQ(office.stage.post("/v1/generalize").status, 200);
    office.stage.reboot();
    EXPECT_TRUE(office.cloud().empty());
}

TEST(CloudService, only_administrators_redeem) {
    Office office;
    const auto refused =
        office.stage.post("/v1/redeem", {{"token", office.token(100 * day)}}, false);
    EXPECT_EQ(refused.code(), "not_permitted");
    EXPECT_TRUE(office.cloud().empty());
}

}  // namespace
}  // namespace latchkey::scenario
