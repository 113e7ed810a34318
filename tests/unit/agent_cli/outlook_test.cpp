#include "agent/cli/outlook.h"

#include <gtest/gtest.h>

#include "agent/cli/words.h"
#include "base/problem.h"
#include "tests/unit/agent_cli/documents.h"

namespace latchkey::cli {
namespace {

const WallTime kNow = *parse_wall_time("2026-11-22T14:00:00Z");

bj::value parsed(const std::string& text) {
    auto value = json::parse_strict(text, {.max_bytes = text.size(), .allow_doubles = true});
    EXPECT_TRUE(value) << value.error().detail;
    return value.value_or(nullptr);
}

bj::value status_of(std::string_view role, bj::array health = {}) {
    return {{"agent", {{"role", role}, {"health", std::move(health)}}}};
}

std::string text_of(const Line& line) {
    std::string text;
    for (const Span& span : line) text += span.text;
    return text;
}

std::vector<std::string> texts_of(const std::vector<Line>& lines) {
    std::vector<std::string> texts;
    for (const Line& line : lines) texts.push_back(text_of(line));
    return texts;
}

using Texts = std::vector<std::string>;

Texts advised(std::string_view role, const std::string& product) {
    return texts_of(advice(status_of(role), parsed(product), kNow));
}

std::string remedy(Code code) { return std::string(info(code).remedy); }

TEST(Advice, of_a_product_that_is_fine_is_none) {
    EXPECT_EQ(advised("workstation", R"({"id":"p","state":"licensed","severity":"ok"})"), Texts{});
    EXPECT_EQ(advised("workstation", R"({"id":"p","state":"not_required"})"), Texts{});
}

TEST(Advice, without_a_key_is_to_activate_with_one) {
    EXPECT_EQ(advised("workstation", R"({"id":"p","state":"initial_grace","key_last5":null})"),
              Texts{"latchkey activate --product p --key-file FILE"});
    EXPECT_EQ(advised("workstation", R"({"id":"p","state":"unlicensed"})"),
              Texts{"latchkey activate --product p --key-file FILE"});
}

TEST(Advice, is_none_while_the_agent_tries_by_itself) {
    EXPECT_EQ(advised("workstation", R"({"id":"p","state":"initial_grace","key_last5":"ABCDE",
                                         "next_attempt_at":"2026-11-22T15:00:00Z"})"),
              Texts{});
}

TEST(Advice, what_is_held_is_looked_at_first) {
    const Texts expected{"see what it would use: latchkey explain --product p",
                         "then go on: latchkey activate --product p --accept-count"};
    EXPECT_EQ(advised("workstation", R"({"id":"p","state":"initial_grace",
                                         "conditions":[{"code":"confirmation_required"}]})"),
              expected);
    EXPECT_EQ(advised("workstation", R"({"id":"p","state":"initial_grace",
                                         "last_attempt":{"outcome":"refused","code":"would_count"}})"),
              expected)
        << "agents without conditions";
    EXPECT_EQ(advised("workstation", R"({"id":"p","state":"licensed","severity":"warning",
                                         "conditions":[{"code":"confirmation_required"}]})"),
              expected);
}

const std::string kThenActivate =
    "then activate it, nothing does so by itself: latchkey activate --product p";

TEST(Advice, after_a_refusal_is_its_remedy_and_that_nobody_asks_again) {
    EXPECT_EQ(advised("workstation", R"({"id":"p","state":"initial_grace","key_last5":"ABCDE",
                                         "last_attempt":{"outcome":"refused","code":"key_blocked"}})"),
              (Texts{remedy(Code::key_blocked), kThenActivate}));
    EXPECT_EQ(advised("workstation", R"({"id":"p","state":"initial_grace","key_last5":"ABCDE",
                                         "next_attempt_at":"2026-11-22T15:00:00Z",
                                         "last_attempt":{"outcome":"refused","code":"key_blocked"}})"),
              Texts{remedy(Code::key_blocked)});
}

TEST(Advice, when_the_hardware_changed_names_both_ways_back) {
    EXPECT_EQ(advised("workstation", R"({"id":"p","state":"out_of_tolerance_grace","license":{},
                                         "conditions":[{"code":"hardware_changed"}]})"),
              (Texts{"see what it would use: latchkey explain --product p",
                     "activate it again: latchkey activate --product p",
                     "or put the old hardware back"}));
}

TEST(Advice, when_the_hardware_changed_and_it_is_held_says_how_to_go_on) {
    EXPECT_EQ(advised("workstation", R"({"id":"p","state":"out_of_tolerance_grace","license":{},
                                         "conditions":[{"code":"hardware_changed"},
                                                       {"code":"confirmation_required"}],
                                         "last_attempt":{"outcome":"refused","code":"would_count"}})"),
              (Texts{"see what it would use: latchkey explain --product p",
                     "then go on: latchkey activate --product p --accept-count",
                     "or put the old hardware back"}));
}

TEST(Advice, to_a_clone_is_a_license_of_its_own_or_an_administrator) {
    EXPECT_EQ(advised("workstation", R"({"id":"p","state":"out_of_tolerance_grace",
                                         "conditions":[{"code":"suspected_clone"}]})"),
              (Texts{"give this machine a license of its own, which counts: "
                     "latchkey activate --product p --accept-count",
                     "or ask the key server's administrator to resolve it"}));
}

TEST(Advice, a_revoked_license_is_no_matter_of_a_rearm) {
    EXPECT_EQ(advised("workstation", R"({"id":"p","state":"notification","license":{},
                                         "grace":{"remaining_s":0,"rearms_left":3},
                                         "conditions":[{"code":"license_revoked"}]})"),
              Texts{remedy(Code::license_revoked)});
}

TEST(Advice, a_grace_that_is_nearly_over_can_be_rearmed) {
    EXPECT_EQ(advised("workstation", R"({"id":"p","state":"initial_grace",
                                         "grace":{"remaining_s":86400,"rearms_left":2}})"),
              (Texts{"latchkey activate --product p --key-file FILE",
                     "or win time with a rearm (2 left): latchkey rearm --product p"}));
    EXPECT_EQ(advised("workstation", R"({"id":"p","state":"notification",
                                         "grace":{"remaining_s":0,"rearms_left":0}})"),
              Texts{"latchkey activate --product p --key-file FILE"});
}

TEST(Advice, a_release_that_waits_can_be_taken_back) {
    EXPECT_EQ(advised("workstation", R"({"id":"p","state":"licensed",
                                         "pending_request":{"kind":"release"}})"),
              Texts{"to keep the license: latchkey activate --product p"});
}

TEST(Advice, a_release_that_has_left_cannot) {
    EXPECT_EQ(advised("workstation",
                      R"({"id":"p","state":"licensed",
                          "pending_request":{"kind":"release","may_have_left":true}})"),
              Texts{"it cannot be taken back any more; afterwards this may use an activation: "
                    "latchkey activate --product p"});
}

TEST(Advice, C9_to_a_lab_machine_whose_license_was_ended_is_never_to_activate) {
    for (const auto& line : advised("lab", R"({"id":"p","state":"unlicensed","conditions":[]})"))
        EXPECT_EQ(line.find("latchkey activate"), std::string::npos) << line;
}

TEST(Advice, C9_a_lab_machine_is_rearmed_or_reimaged_never_activated) {
    EXPECT_EQ(advised("lab", R"({"id":"p","state":"initial_grace",
                                 "grace":{"remaining_s":864000,"rearms_left":2}})"),
              Texts{});
    EXPECT_EQ(advised("lab", R"({"id":"p","state":"extended_grace",
                                 "grace":{"remaining_s":2592000,"rearms_left":0,"waits_for_first_use":true}})"),
              Texts{});
    EXPECT_EQ(advised("lab", R"({"id":"p","state":"notification","license":null,
                                 "grace":{"remaining_s":0,"rearms_left":2}})"),
              Texts{"restart the grace: latchkey rearm --product p"});
    EXPECT_EQ(advised("lab", R"({"id":"p","state":"initial_grace",
                                 "grace":{"remaining_s":86400,"rearms_left":0}})"),
              Texts{"reimage this lab machine, or let it activate: role = \"workstation\" in "
                    "agent.toml"});
}

TEST(Advice, the_remedy_of_a_health_item_stands_under_its_product_once) {
    const bj::array health{{{"id", "key_blocked"},
                            {"severity", "warning"},
                            {"text", "p: blocked"},
                            {"remedy", info(Code::key_blocked).remedy},
                            {"product", "p"}},
                           {{"id", "tls_intercepted"},
                            {"severity", "warning"},
                            {"text", "q: TLS"},
                            {"remedy", "of another"},
                            {"product", "q"}}};
    const auto product = parsed(R"({"id":"p","state":"initial_grace","key_last5":"ABCDE",
                                    "last_attempt":{"outcome":"refused","code":"key_blocked"}})");
    EXPECT_EQ(texts_of(advice(status_of("workstation", health), product, kNow)),
              (Texts{remedy(Code::key_blocked), kThenActivate}));
}

TEST(Judgement, is_the_agents_own_and_what_its_health_says) {
    const auto product = parsed(R"({"id":"p","state":"licensed","severity":"ok"})");
    EXPECT_EQ(level_of_product(status_of("workstation"), product, kNow), Level::ok);
    for (const auto& [severity, level] : std::vector<std::pair<const char*, Level>>{
             {"info", Level::ok}, {"warning", Level::warning}, {"critical", Level::critical}}) {
        const bj::array health{{{"id", "x"}, {"severity", severity}, {"product", "p"}}};
        EXPECT_EQ(level_of_product(status_of("workstation", health), product, kNow), level);
    }
    const auto held = parsed(R"({"id":"p","state":"licensed","severity":"warning"})");
    EXPECT_EQ(level_of_product(status_of("workstation"), held, kNow), Level::warning);
}

TEST(Upcoming, is_sorted_and_what_nobody_can_foretell_is_last) {
    const auto product = parsed(R"({"id":"p","state":"initial_grace",
        "pending_request":{"kind":"activate"},"next_attempt_at":"2026-11-22T15:00:00Z",
        "grace":{"remaining_s":864000,"ends_at":"2026-12-02T14:00:00Z"}})");
    const auto events = upcoming(status_of("workstation"), product, kNow);
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(events[0].brief, "retries");
    EXPECT_EQ(events[1].brief, "ends");
    const auto frozen = parsed(R"({"id":"p","state":"extended_grace",
        "next_attempt_at":"2026-11-22T15:00:00Z",
        "grace":{"remaining_s":864000,"waits_for_first_use":true}})");
    const auto waiting = upcoming(status_of("workstation"), frozen, kNow);
    ASSERT_EQ(waiting.size(), 2u);
    EXPECT_FALSE(waiting[1].at);
    EXPECT_EQ(waiting[1].brief, "at first use");
}

TEST(Upcoming, survives_documents_of_other_versions) {
    for (const char* text :
         {"{}", R"({"state":"notification"})", R"({"state":"licensed","license":[]})",
          R"({"state":"initial_grace","grace":{"remaining_s":5,"ends_at":"soon"}})"}) {
        const auto product = parsed(text);
        EXPECT_TRUE(upcoming(status_of("workstation"), product, kNow).empty()) << text;
    }
}

TEST(Reasons, tell_conditions_with_their_details_then_the_last_attempt) {
    const auto product = parsed(R"({"id":"p","state":"out_of_tolerance_grace",
        "conditions":[{"code":"hardware_changed","text":"The hardware changed.",
                       "since":"2026-11-18T14:00:00Z","details":["Changed: mainboard."]}],
        "last_attempt":{"outcome":"failed","code":"keyserver_unreachable","detail":"no route",
                        "at":"2026-11-22T12:00:00Z"}})");
    EXPECT_EQ(texts_of(reasons(status_of("workstation"), product, kNow)),
              (Texts{"The hardware changed; since 2026-11-18 (4 days ago).", "Changed: mainboard.",
                     "The key server cannot be reached (no route); tried 2026-11-22 12:00 UTC (2 "
                     "hours ago)."}));
}

TEST(Reasons, what_a_hold_is_for_is_told_once) {
    const auto product = parsed(R"({"id":"p","state":"initial_grace",
        "conditions":[{"code":"confirmation_required","text":"It waits.","since":null,
                       "details":["It would count."]}],
        "last_attempt":{"outcome":"refused","code":"would_count","detail":"9 left"}})");
    EXPECT_EQ(texts_of(reasons(status_of("workstation"), product, kNow)),
              (Texts{"It waits.", "It would count.", "9 left"}));
}

TEST(Words, distances_point_both_ways) {
    EXPECT_EQ(distance_words(kNow + Days{18}, kNow), "in 18 days");
    EXPECT_EQ(distance_words(kNow - hours{2}, kNow), "2 hours ago");
    EXPECT_EQ(distance_words(kNow + seconds{59}, kNow), "now");
    EXPECT_EQ(distance_words(kNow - seconds{59}, kNow), "just now");
    EXPECT_EQ(distance_words(kNow, kNow), "just now");
    EXPECT_EQ(when_words(kNow + Days{3}, kNow), "2026-11-25 (in 3 days)");
    EXPECT_EQ(when_words(kNow + hours{71}, kNow), "2026-11-25 13:00 UTC (in 2 days 23 hours)");
}

TEST(Words, the_agents_time_wins_over_a_clock_that_may_be_wrong) {
    const bj::value status{{"agent", {{"now", "2026-11-22T14:00:00Z"}}}};
    EXPECT_EQ(now_of(status, WallTime{}), kNow);
    EXPECT_EQ(now_of(bj::value(nullptr), kNow), kNow);
}

}  // namespace
}  // namespace latchkey::cli
