// A lease is renewed long before it ends. A machine that is offline for half a year gets a grace,
// and heals by itself when the network is back.

#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

struct Leased {
    Stage stage;
    Leased() {
        stage.vendor().add_product("suite");
        const auto key = stage.vendor().sell("suite", "competency", 5);
        stage.install("suite");
        EXPECT_EQ(stage.activate("suite", key).status, 200);
    }
    std::string end() {
        return std::string(stage.product("suite").at("license").at("expires_at").as_string());
    }
};

TEST(Lease, renews_by_itself_and_never_counts) {
    Leased story;
    const auto first_end = story.end();
    story.stage.pass(14 * day);
    EXPECT_GT(story.end(), first_end);
    EXPECT_EQ(story.stage.state("suite"), "licensed");
    EXPECT_EQ(story.stage.used("suite"), 1);
}

TEST(Lease, that_ran_out_offline_gives_a_grace_and_heals) {
    Leased story;
    story.stage.vendor().reachable = false;
    story.stage.pass(181 * day);
    EXPECT_EQ(story.stage.state("suite"), "out_of_tolerance_grace");
    story.stage.vendor().reachable = true;
    story.stage.pass(14 * day);
    EXPECT_EQ(story.stage.state("suite"), "licensed");
    EXPECT_EQ(story.stage.used("suite"), 1);
}

TEST(Lease, that_nobody_renews_ends_in_notification) {
    Leased story;
    story.stage.vendor().reachable = false;
    story.stage.pass(215 * day);
    EXPECT_EQ(story.stage.state("suite"), "notification");
}

TEST(Lease, that_the_key_server_released_before_is_given_up_without_an_error) {
    Leased story;
    const auto machines = story.stage.vendor().admin("machine", "list", {});
    const std::string id(machines.at("machines").at(0).at("id").as_string());
    story.stage.vendor().admin("machine", "release", {{"id", {id}}});
    const auto done = story.stage.post("/v1/products/suite/deactivate");
    ASSERT_EQ(done.status, 200) << done.code();
    EXPECT_EQ(done.at("state"), "unlicensed");
    EXPECT_EQ(done.at("returned"), false);
}

TEST(Lease, whose_release_never_left_the_machine_is_kept_by_activating_again) {
    Leased story;
    story.stage.vendor().reachable = false;
    EXPECT_EQ(story.stage.post("/v1/products/suite/deactivate").code(), "keyserver_unreachable");
    const auto pending = story.stage.product("suite").at("pending_request");
    EXPECT_EQ(pending.at("kind").as_string(), "release");
    const auto kept = story.stage.activate("suite");
    ASSERT_EQ(kept.status, 200) << kept.code();
    EXPECT_EQ(kept.at("counted"), 0);
    EXPECT_FALSE(kept.at("note").is_null());
    EXPECT_TRUE(story.stage.product("suite").at("pending_request").is_null());
    story.stage.vendor().reachable = true;
    story.stage.pass(14 * day);
    EXPECT_EQ(story.stage.state("suite"), "licensed");
    EXPECT_EQ(story.stage.used("suite"), 1);
}

TEST(Lease, of_a_returnable_program_names_the_day_its_activation_comes_back) {
    Stage stage;
    stage.vendor().admin("program", "add",
                         {{"id", {"rental"}},
                          {"rule", {"significant-change"}},
                          {"returnable", {}},
                          {"lease-days", {"30"}}});
    stage.vendor().add_product("suite");
    const auto key = stage.vendor().sell("suite", "rental", 5);
    stage.install("suite");
    EXPECT_EQ(stage.activate("suite", key).status, 200);
    const auto end = stage.product("suite").at("license").at("expires_at");
    const auto done = stage.post("/v1/products/suite/deactivate");
    ASSERT_EQ(done.status, 200) << done.code();
    EXPECT_EQ(done.at("returned"), false) << "not yet";
    EXPECT_EQ(done.at("returns_at"), end);
    EXPECT_EQ(stage.activate("suite", key).status, 200);
    EXPECT_EQ(stage.used("suite"), 2) << "before that day another one is used";
    stage.pass(40 * day);  // and a renewal told the agent
    EXPECT_EQ(stage.used("suite"), 1);
}

TEST(Lease, is_ended_here_alone_where_the_key_server_is_gone) {
    Leased story;
    story.stage.vendor().reachable = false;
    story.stage.post("/v1/products/suite/deactivate");
    const auto done = story.stage.post("/v1/products/suite/deactivate", {{"local", true}});
    ASSERT_EQ(done.status, 200) << done.code();
    EXPECT_EQ(done.at("state"), "unlicensed");
    EXPECT_TRUE(story.stage.product("suite").at("pending_request").is_null());
    story.stage.vendor().reachable = true;
    story.stage.pass(14 * day);
    EXPECT_EQ(story.stage.state("suite"), "unlicensed") << "and it stays ended";
    EXPECT_EQ(story.stage.post("/v1/products/suite/deactivate", {{"local", 1}}).code(),
              "request_invalid");
}

TEST(Lease, is_given_up_by_deactivate_and_stays_given_up) {
    Leased story;
    const auto done = story.stage.post("/v1/products/suite/deactivate");
    ASSERT_EQ(done.status, 200) << done.code();
    EXPECT_EQ(done.at("returned"), false) << "activations are consumed, not lent";
    EXPECT_TRUE(done.at("returns_at").is_null());
    EXPECT_EQ(story.stage.state("suite"), "unlicensed");
    story.stage.reboot();
    EXPECT_EQ(story.stage.state("suite"), "unlicensed");
    EXPECT_EQ(story.stage.post("/v1/products/suite/deactivate").code(), "not_activated");
}

}  // namespace
}  // namespace latchkey::scenario
