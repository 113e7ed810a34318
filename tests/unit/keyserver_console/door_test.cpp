#include "keyserver/console/door.h"

#include <gtest/gtest.h>

#include <optional>

#include "tests/unit/keyserver/temporary_directory.h"

namespace latchkey::keyserver::console {
namespace {

constexpr SinceBoot kNow{hours{1}};
constexpr ServerTime kSetAt{Duration{1'790'000'000'000}};
constexpr DigestCost kCheap{16, 8, 1};
using Outcome = Door::Outcome;

class ConsoleDoor : public ::testing::Test {
protected:
    ConsoleDoor() { set_password("correct horse"); }
    void set_password(std::string_view password) {
        ASSERT_TRUE(write_credential(directory.path(), make_credential(password, kSetAt, kCheap)));
    }
    Door::Attempt attempt(std::string_view password, const std::string& peer = "10.0.0.1",
                          SinceBoot now = kNow) {
        return door.sign_in(peer, password, now).value();
    }
    bool knows(const std::string& token) {
        HttpRequest request;
        request.cookie = std::string(kCookie) + "=" + token;
        return door.guest(request, kNow)->has_value();
    }

    TemporaryDirectory directory;
    Door door{directory.path()};
};

TEST_F(ConsoleDoor, the_password_opens_it) {
    const auto in = attempt("correct horse");
    ASSERT_EQ(in.outcome, Outcome::in);
    EXPECT_TRUE(knows(in.token));
    door.sign_out(in.token);
    EXPECT_FALSE(knows(in.token));
}

TEST_F(ConsoleDoor, another_one_does_not) {
    EXPECT_EQ(attempt("wrong horse").outcome, Outcome::wrong);
    EXPECT_EQ(attempt("").outcome, Outcome::wrong);
    EXPECT_EQ(attempt(std::string(60'000, 'x')).outcome, Outcome::wrong);
}

TEST_F(ConsoleDoor, changing_the_password_signs_everybody_out) {
    const auto in = attempt("correct horse");
    set_password("battery staple");
    EXPECT_FALSE(knows(in.token));
    EXPECT_EQ(attempt("correct horse").outcome, Outcome::wrong);
    EXPECT_EQ(attempt("battery staple").outcome, Outcome::in);
}

TEST_F(ConsoleDoor, without_a_password_nobody_gets_in) {
    std::filesystem::remove(credential_file(directory.path()));
    EXPECT_EQ(attempt("").outcome, Outcome::no_credential);
    EXPECT_FALSE(*door.has_credential());
    EXPECT_FALSE(knows(""));
}

TEST_F(ConsoleDoor, one_address_guesses_five_times_and_then_once_a_minute) {
    for (int i = 0; i < kSignInBurst; ++i) EXPECT_EQ(attempt("guess").outcome, Outcome::wrong);
    const auto refused = attempt("correct horse");
    EXPECT_EQ(refused.outcome, Outcome::too_often) << "even with the right one";
    EXPECT_EQ(refused.wait, seconds{60});
    EXPECT_EQ(attempt("correct horse", "10.0.0.2").outcome, Outcome::in) << "others may";
    EXPECT_EQ(attempt("guess", "10.0.0.1", kNow + minutes{1}).outcome, Outcome::wrong);
    EXPECT_EQ(attempt("guess", "10.0.0.1", kNow + minutes{1}).outcome, Outcome::too_often);
}

TEST_F(ConsoleDoor, many_addresses_together_are_limited_too) {
    for (int i = 0; i < kSignInBurstOfAll; ++i)
        EXPECT_EQ(attempt("guess", "10.0.1." + std::to_string(i)).outcome, Outcome::wrong);
    const auto refused = attempt("correct horse", "10.0.2.1");
    EXPECT_EQ(refused.outcome, Outcome::too_often);
    EXPECT_EQ(refused.wait, seconds{5});
    EXPECT_EQ(attempt("correct horse", "10.0.2.1", kNow + seconds{5}).outcome, Outcome::in);
}

/// While its digest is computed, somebody else asks.
Door* busy_door = nullptr;
std::optional<Door::Attempt> meanwhile;
bool check_and_be_interrupted(const Credential&, std::string_view) {
    if (!meanwhile) meanwhile = busy_door->sign_in("10.0.0.2", "guess", kNow).value();
    return true;
}

TEST_F(ConsoleDoor, one_digest_is_computed_at_a_time) {
    Door busy{directory.path(), check_and_be_interrupted};
    busy_door = &busy;
    meanwhile.reset();
    EXPECT_EQ(busy.sign_in("10.0.0.1", "correct horse", kNow)->outcome, Outcome::in);
    ASSERT_TRUE(meanwhile);
    EXPECT_EQ(meanwhile->outcome, Outcome::too_often);
    EXPECT_EQ(meanwhile->wait, seconds{1});
    EXPECT_EQ(busy.sign_in("10.0.0.1", "correct horse", kNow)->outcome, Outcome::in)
        << "afterwards the next one may";
}

TEST(ConsoleCookie, is_kept_from_scripts_other_sites_and_plain_http) {
    EXPECT_EQ(set_cookie("token"),
              "__Host-latchkey-console=token; Path=/; Secure; HttpOnly; SameSite=Strict");
    EXPECT_TRUE(clear_cookie().ends_with("; Max-Age=0"));
}

TEST(ConsoleCookie, is_found_among_others_and_never_guessed_between_two) {
    const auto found = [](std::string cookie) {
        HttpRequest request;
        request.cookie = std::move(cookie);
        return session_cookie(request);
    };
    EXPECT_EQ(found("a=1; __Host-latchkey-console=token; b=2"), "token");
    EXPECT_EQ(found(""), "");
    EXPECT_EQ(found("x__Host-latchkey-console=token"), "");
    EXPECT_EQ(found("__Host-latchkey-console=a; __Host-latchkey-console=b"), "");
}

bool ours(std::string host, std::string origin, std::string fetch_site) {
    HttpRequest request;
    request.host = std::move(host);
    request.origin = std::move(origin);
    request.fetch_site = std::move(fetch_site);
    return from_our_page(request);
}

TEST(ConsoleForms, come_from_our_pages_by_the_browsers_word) {
    EXPECT_TRUE(ours("h:1", "null", "same-origin")) << "pages send no referrer";
    EXPECT_TRUE(ours("h:1", "https://h:1", "same-origin"));
    EXPECT_TRUE(ours("h:1", "https://h:1", "")) << "a browser that says nothing more";
    EXPECT_FALSE(ours("h:1", "null", "cross-site"));
    EXPECT_FALSE(ours("h:1", "https://h:1", "same-site")) << "another port, another name";
    EXPECT_FALSE(ours("h:1", "", "none"));
    EXPECT_FALSE(ours("h:1", "https://evil.example", "same-origin"));
    EXPECT_FALSE(ours("h:1", "https://evil.example", ""));
    EXPECT_FALSE(ours("h:1", "http://h:1", ""));
    EXPECT_FALSE(ours("h:1", "null", ""));
    EXPECT_FALSE(ours("h:1", "", ""));
    EXPECT_FALSE(ours("", "https://", ""));
}

}  // namespace
}  // namespace latchkey::keyserver::console
