#include "keyserver/console/sessions.h"

#include <gtest/gtest.h>

#include "keyserver/console/policy.h"

namespace latchkey::keyserver::console {
namespace {

constexpr SinceBoot kNow{hours{1}};

TEST(ConsoleSessions, a_session_is_found_by_its_token_alone) {
    Sessions sessions;
    const auto token = sessions.begin("credential", kNow);
    EXPECT_EQ(from_base64url(token)->size(), 32u) << "256 random bits";
    const auto session = sessions.find(token, "credential", kNow);
    ASSERT_TRUE(session);
    EXPECT_EQ(from_base64url(session->form_token)->size(), 32u);
    EXPECT_NE(session->form_token, token);
    EXPECT_FALSE(sessions.find("", "credential", kNow));
    EXPECT_FALSE(sessions.find(token + "x", "credential", kNow));
}

TEST(ConsoleSessions, it_ends_when_nothing_is_asked_for_long) {
    Sessions sessions;
    const auto token = sessions.begin("credential", kNow);
    SinceBoot now = kNow + kIdleEnd - Duration{1};
    EXPECT_TRUE(sessions.find(token, "credential", now));
    now += kIdleEnd - Duration{1};
    EXPECT_TRUE(sessions.find(token, "credential", now)) << "asking keeps it";
    now += kIdleEnd;
    EXPECT_FALSE(sessions.find(token, "credential", now));
    EXPECT_FALSE(sessions.find(token, "credential", kNow)) << "and does not come back";
}

TEST(ConsoleSessions, it_ends_at_last_whatever_is_asked) {
    Sessions sessions;
    const auto token = sessions.begin("credential", kNow);
    for (SinceBoot now = kNow; now < kNow + kAbsoluteEnd; now += minutes{20})
        EXPECT_TRUE(sessions.find(token, "credential", now));
    EXPECT_FALSE(sessions.find(token, "credential", kNow + kAbsoluteEnd));
}

TEST(ConsoleSessions, another_password_ends_it) {
    Sessions sessions;
    const auto token = sessions.begin("credential", kNow);
    EXPECT_FALSE(sessions.find(token, "another", kNow));
    EXPECT_FALSE(sessions.find(token, "credential", kNow));
}

TEST(ConsoleSessions, signing_out_ends_it) {
    Sessions sessions;
    const auto token = sessions.begin("credential", kNow);
    sessions.end(token);
    EXPECT_FALSE(sessions.find(token, "credential", kNow));
}

TEST(ConsoleSessions, there_are_only_so_many_and_the_idlest_makes_room) {
    Sessions sessions;
    const auto idle = sessions.begin("credential", kNow);
    const auto busy = sessions.begin("credential", kNow);
    EXPECT_TRUE(sessions.find(busy, "credential", kNow + seconds{5}));
    for (std::size_t i = 2; i <= kMaxSessions; ++i) sessions.begin("credential", kNow + seconds{5});
    EXPECT_EQ(sessions.size(), kMaxSessions);
    EXPECT_FALSE(sessions.find(idle, "credential", kNow + seconds{5}));
    EXPECT_TRUE(sessions.find(busy, "credential", kNow + seconds{5}));
}

TEST(ConsoleSessions, a_notice_is_told_once) {
    Sessions sessions;
    const auto token = sessions.begin("credential", kNow);
    sessions.tell(token, "released");
    EXPECT_EQ(sessions.take_notice(token), "released");
    EXPECT_EQ(sessions.take_notice(token), "");
}

TEST(ConsoleSessions, an_empty_form_token_is_never_the_right_one) {
    EXPECT_TRUE(same_token("abc", "abc"));
    EXPECT_FALSE(same_token("abd", "abc"));
    EXPECT_FALSE(same_token("ab", "abc"));
    EXPECT_FALSE(same_token("", ""));
}

}  // namespace
}  // namespace latchkey::keyserver::console
