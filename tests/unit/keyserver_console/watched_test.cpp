// The console's answers are in the access log and in the metrics, as the agents' are; what lets
// somebody in is in neither.

#include "tests/unit/keyserver_console/console_fixture.h"

#include <gtest/gtest.h>

#include "keyserver/console/addresses.h"

namespace latchkey::keyserver::console {
namespace {

class Lines final : public AccessLog {
public:
    void write(const AccessEntry& entry) override { all += to_line(entry); }
    void reopen() override {}
    std::string all;
};

class Watched : public ConsoleTest {
protected:
    Watched() { console.tell(&log, metrics); }
    /// As the server does it.
    HttpResponse served(HttpRequest request) {
        console.arrives(request);
        server.clock += Duration{7};
        auto response = send(request);
        console.answered(request, response);
        return response;
    }
    bool logged(const std::string& what) const { return log.all.find(what) != std::string::npos; }

    Lines log;
    Metrics metrics;
};

TEST_F(Watched, answers_are_logged_with_who_asked_what_and_what_was_said) {
    sign_in();
    served(request("GET", "/machines?after="));
    EXPECT_TRUE(logged(R"("peer":"127.0.0.1","method":"GET","path":"/machines","status":200)"))
        << log.all;
    EXPECT_TRUE(logged(R"("ms":7)")) << log.all;
    served(request("GET", "/machines/mch_0"));
    EXPECT_TRUE(logged(R"("code":"record_unknown")")) << log.all;
}

TEST_F(Watched, answers_are_counted_by_page_without_ids) {
    sign_in();
    served(request("GET", "/machines/mch_0"));
    served(request("GET", "/machines/mch_1"));
    served(request("GET", "/etc/passwd"));
    const auto text = metrics.text();
    EXPECT_NE(text.find(R"(route="console:/machines/{id}",status="404"} 2)"), std::string::npos)
        << text;
    EXPECT_NE(text.find(R"(route="console:other",status="404"} 1)"), std::string::npos);
    EXPECT_EQ(text.find("mch_"), std::string::npos);
    EXPECT_EQ(route_name("/"), "console:/");
    EXPECT_EQ(route_name("/machines/x/release"), "console:/machines/{id}/release");
    EXPECT_EQ(route_name(""), "console:other") << "it could not be read";
    EXPECT_EQ(route_name("/machines/\"}\n"), "console:/machines/{id}");
}

TEST_F(Watched, what_lets_somebody_in_is_not_logged) {
    HttpRequest entering = request("POST", "/sign-in");
    entering.body = encode_fields({{"password", std::string(kPassword)}, {"next", "/"}});
    const auto let_in = served(entering);
    ASSERT_EQ(let_in.status, 303);
    cookie = header_of(let_in, "Set-Cookie");
    cookie = cookie.substr(0, cookie.find(';'));
    const auto session = cookie.substr(cookie.find('=') + 1);
    const auto token = form_token();
    ASSERT_FALSE(session.empty());
    ASSERT_FALSE(token.empty());
    served(request("GET", "/?form_token=" + token));
    HttpRequest leaving = request("POST", "/sign-out");
    leaving.body = encode_fields({{"form_token", token}});
    served(leaving);
    EXPECT_TRUE(logged(R"("path":"/sign-out")")) << log.all;
    const std::string told = log.all + metrics.text();
    for (const std::string& secret : {session, token, std::string(kPassword), std::string("horse")})
        EXPECT_EQ(told.find(secret), std::string::npos) << secret;
}

}  // namespace
}  // namespace latchkey::keyserver::console
