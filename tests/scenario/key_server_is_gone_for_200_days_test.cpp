// The key server is away for more than half a year. Every attempt leads to another one, ever more
// slowly, in the same place of the ladder after a restart; and when it is back, all is well without
// anybody doing anything.

#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

struct Gone {
    Stage stage;
    explicit Gone(const std::string& program) {
        stage.vendor().add_product("suite");
        stage.vendor().admin("program", "add",
                             {{"id", {"for-ever"}}, {"rule", {"any-change"}}, {"perpetual", {}}});
        const auto key = stage.vendor().sell("suite", program, 5);
        stage.install("suite");
        EXPECT_EQ(stage.activate("suite", key).status, 200);
        stage.vendor().reachable = false;
    }
    ServerTime time_of(const boost::json::value& text) {
        return parse_server_time(std::string(text.as_string())).value();
    }
    ServerTime next() { return time_of(stage.product("suite").at("next_attempt_at")); }
    ServerTime last() { return time_of(stage.product("suite").at("last_attempt").at("at")); }
    ServerTime now() { return as_server(stage.clock.wall()); }
};

TEST(KeyServerGone, a_lease_ends_in_grace_and_heals_by_itself_uncounted) {
    Gone story("ai-cloud");
    story.stage.pass(200 * day);
    EXPECT_EQ(story.stage.state("suite"), "out_of_tolerance_grace");
    EXPECT_LE(story.stage.product("suite").at("grace").at("remaining_s").as_int64(), 11 * 86400);
    story.stage.vendor().reachable = true;
    story.stage.pass(9 * day);
    EXPECT_EQ(story.stage.state("suite"), "licensed");
    EXPECT_EQ(story.stage.used("suite"), 1);
}

TEST(KeyServerGone, there_is_always_a_next_attempt_and_never_a_storm) {
    Gone story("ai-cloud");
    story.stage.pass(9 * day);
    int attempts = 0;
    ServerTime seen = story.last();
    for (int days = 0; days < 191; ++days) {
        story.stage.pass(day);
        EXPECT_GT(story.next(), story.now());
        EXPECT_LE(story.next() - story.now(), Duration{9 * day});
        attempts += story.last() != seen ? 1 : 0;
        seen = story.last();
    }
    EXPECT_GE(attempts, 25) << "at least each week";
    EXPECT_LE(attempts, 50);
}

TEST(KeyServerGone, a_restart_keeps_the_place_on_the_ladder) {
    Gone story("ai-cloud");
    story.stage.pass(60 * day);
    const auto next = story.next();
    const auto last = story.last();
    EXPECT_GT(next - last, Duration{2 * day}) << "far up the ladder";
    story.stage.restart();
    story.stage.reboot();
    EXPECT_EQ(story.next(), next);
    EXPECT_EQ(story.last(), last) << "a boot asks nothing that is not due";
}

TEST(KeyServerGone, a_network_that_comes_back_is_used_within_a_quarter_of_an_hour) {
    Gone story("ai-cloud");
    story.stage.pass(60 * day);
    ASSERT_GT(story.next() - story.now(), Duration{hour});
    story.stage.vendor().reachable = true;
    story.stage.change_network();
    EXPECT_LE(story.next() - story.now(), Duration{15 * minute});
    story.stage.let_be(15 * minute);
    EXPECT_TRUE(story.stage.product("suite").at("pending_request").is_null());
    EXPECT_GT(story.next() - story.now(), Duration{5 * day})
        << "renewed, and a week until the next";
}

TEST(KeyServerGone, a_perpetual_license_does_not_mind) {
    Gone story("for-ever");
    for (int months = 0; months < 14; ++months) {
        story.stage.pass(30 * day);
        EXPECT_EQ(story.stage.state("suite"), "licensed");
        EXPECT_LE(story.next() - story.now(), Duration{39 * day}) << "it is still looked after";
    }
    EXPECT_EQ(story.stage.get("/v1/status").at("overall"), "ok");
}

}  // namespace
}  // namespace latchkey::scenario
