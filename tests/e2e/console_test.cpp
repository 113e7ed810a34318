// The console of the shipped key server over real TLS.

#include <sys/stat.h>

#include "tests/e2e/curl_browser.h"
#include "tests/e2e/story.h"

namespace latchkey::e2e {
namespace {

class ConsoleStory : public Story {
protected:
    ConsoleStory() : granted(grant(server, "editor", "ai-cloud", 3)) {
        agent.start();
        agent.activate("editor", granted.key);
        password = text_at(server.admin({"console", "password"}), "password");
        server.stop();
        server.open_console();
        server.start();
    }
    std::string machine() const {
        return text_at(server.admin({"machine", "list"}), "machines.0.id");
    }
    std::string state_of(const std::string& id) const {
        return text_at(server.admin({"machine", "show", id}), "state");
    }
    CurlBrowser browser() const { return {server.console_url(), server.ca_file()}; }
    CurlBrowser signed_in() const {
        CurlBrowser admin = browser();
        EXPECT_EQ(admin.sign_in(password).status, 303);
        return admin;
    }

    Grant granted;
    std::string password;
};

TEST_F(ConsoleStory, an_administrator_signs_in_looks_and_releases_a_machine) {
    const auto id = machine();
    CurlBrowser admin = browser();
    const auto in = admin.sign_in(password);
    EXPECT_EQ(in.status, 303);
    const auto cookie = in.header("Set-Cookie");
    EXPECT_TRUE(cookie.starts_with("__Host-latchkey-console=")) << cookie;
    for (const char* kept : {"; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict"})
        EXPECT_NE(cookie.find(kept), std::string::npos) << kept;
    EXPECT_NE(admin.get("/").body.find("1 used, 2 left of 3"), std::string::npos);
    EXPECT_NE(admin.get("/machines/" + id).body.find("The first activation on this machine"),
              std::string::npos);
    const auto done =
        admin.post("/machines/" + id + "/release", {{"form_token", admin.form_token()}});
    EXPECT_EQ(done.status, 303);
    EXPECT_EQ(done.header("Location"), "/machines/" + id);
    EXPECT_EQ(state_of(id), "released");
    EXPECT_NE(server.process().log_text().find("machine release " + id + ": done"),
              std::string::npos)
        << "it is in the log";
}

TEST_F(ConsoleStory, forms_of_others_change_nothing) {
    const auto id = machine();
    const auto path = "/machines/" + id + "/release";
    CurlBrowser admin = signed_in();
    const auto token = admin.form_token();
    const Words ours{"Origin: " + server.console_url()};
    EXPECT_EQ(admin.post(path, {}).status, 403);
    EXPECT_EQ(admin.post(path, {{"form_token", "wrong"}}).status, 403);
    EXPECT_EQ(admin.post(path, {{"form_token", token}}, {"Origin: https://evil.example"}).status,
              403);
    EXPECT_EQ(admin.post(path, {{"form_token", token}}, ours + Words{"Sec-Fetch-Site: cross-site"})
                  .status,
              403);
    EXPECT_EQ(admin.post(path, {{"form_token", token}}, {"X-Nothing: x"}).status, 403)
        << "neither says where it comes from";
    EXPECT_EQ(
        admin.post(path, {{"form_token", token}}, ours + Words{"Content-Type: text/plain"}).status,
        403);
    admin.forget();
    EXPECT_EQ(admin.post(path, {{"form_token", token}}).header("Location"), "/sign-in");
    EXPECT_EQ(state_of(id), "active");
}

TEST_F(ConsoleStory, every_answer_carries_what_keeps_a_browser_from_harm) {
    const CurlBrowser admin = signed_in();
    std::vector<Answered> answers{admin.get("/"),
                                  admin.get("/style.css"),
                                  admin.get("/icon.svg"),
                                  admin.get("/nothing"),
                                  admin.post("/", {}),
                                  browser().get("/"),
                                  browser().get("/sign-in"),
                                  admin.get("/", {"X-Long: " + std::string(20'000, 'x')})};
    EXPECT_EQ(answers.back().status, 413);
    for (const auto& answer : answers) {
        EXPECT_TRUE(answer.header("Content-Security-Policy").starts_with("default-src 'none'"))
            << answer.head;
        EXPECT_EQ(answer.header("X-Content-Type-Options"), "nosniff");
        EXPECT_EQ(answer.header("Referrer-Policy"), "no-referrer");
        EXPECT_EQ(answer.header("Cache-Control"), "no-store");
        EXPECT_EQ(answer.header("Cross-Origin-Opener-Policy"), "same-origin");
    }
}

TEST_F(ConsoleStory, a_new_password_signs_everybody_out_while_the_server_runs) {
    const CurlBrowser admin = signed_in();
    EXPECT_EQ(admin.get("/").status, 200);
    const auto file = world.write("password", "a password of one's own\n");
    server.admin({"console", "password", "--password-file", file.string()});
    EXPECT_EQ(admin.get("/").status, 303);
    EXPECT_EQ(browser().sign_in("a password of one's own").status, 303);
}

TEST_F(ConsoleStory, guessing_is_slowed_down_and_agents_notice_nothing) {
    CurlBrowser guesser = browser();
    for (int i = 0; i < 5; ++i) EXPECT_EQ(guesser.sign_in("guess").status, 403);
    const auto refused = guesser.sign_in(password);
    EXPECT_EQ(refused.status, 429);
    EXPECT_FALSE(refused.header("Retry-After").empty());
    EXPECT_EQ(number_at(agent.activate("editor", granted.key), "counted"), 0);
}

TEST_F(ConsoleStory, the_two_ports_answer_nothing_of_each_others) {
    const CurlBrowser agents(server.url(), server.ca_file());
    for (const char* page : {"/", "/sign-in", "/machines", "/style.css", "/clones"})
        EXPECT_EQ(agents.get(page).status, 404) << page;
    const CurlBrowser admin = signed_in();
    for (const char* path : {"/v1/time?nonce=0123456789abcdef", "/metrics", "/healthz"})
        EXPECT_EQ(admin.get(path).status, 404) << path;
}

TEST_F(ConsoleStory, the_password_lies_on_the_disk_as_a_digest_alone) {
    const auto file = server.data() / "console.json";
    struct stat status {};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
    EXPECT_EQ(read_file(file).find(password), std::string::npos);
    EXPECT_EQ(server.process().log_text().find(password), std::string::npos);
}

TEST_F(ConsoleStory, without_being_asked_for_there_is_no_console) {
    KeyServer plain(world, "fabrikam");
    EXPECT_EQ(plain.process().log_text().find("console"), std::string::npos);
    plain.stop();
    const auto refused = run(
        {{program("latchkey-keyserver"), "serve", "--data", plain.data().string(), "--listen",
          "127.0.0.1:0", "--console", server.console_url().substr(std::string("https://").size())},
         {},
         {}});
    EXPECT_EQ(refused.exit_code, 78) << "the port is taken";
    EXPECT_NE(refused.err.find("--console"), std::string::npos) << refused.err;
}

TEST_F(ConsoleStory, a_password_too_short_is_refused_and_standard_input_is_read) {
    const auto set = [&](const std::string& input) {
        return run({{program("latchkey-keyserver"), "admin", "--data", server.data().string(),
                     "console", "password", "--password-file", "-"},
                    {},
                    input});
    };
    EXPECT_EQ(set("short\n").exit_code, 64);
    EXPECT_EQ(set("typed by somebody\n").exit_code, 0);
    EXPECT_EQ(browser().sign_in("typed by somebody").status, 303);
}

}  // namespace
}  // namespace latchkey::e2e
