// Who gets in, what a form may change, and what every answer carries.

#include "tests/unit/keyserver_console/console_fixture.h"

namespace latchkey::keyserver::console {
namespace {

TEST_F(ConsoleTest, without_a_session_every_page_leads_to_signing_in) {
    for (const char* target : {"/", "/machines", "/machines/mch_1", "/receipts", "/clones",
                               "/entitlements/ent_1", "/nothing"}) {
        const auto response = get(target);
        EXPECT_EQ(response.status, 303) << target;
        EXPECT_TRUE(header_of(response, "Location").starts_with("/sign-in")) << target;
        EXPECT_TRUE(response.body.empty()) << target;
    }
}

TEST_F(ConsoleTest, after_signing_in_one_is_where_one_wanted_to_be) {
    const auto asked = get("/machines?key=key_1");
    EXPECT_EQ(header_of(asked, "Location"), "/sign-in?next=%2fmachines%3fkey%3dkey_1");
    EXPECT_NE(get(header_of(asked, "Location")).body.find("value=\"/machines?key=key_1\""),
              std::string::npos);
    EXPECT_EQ(header_of(try_to_sign_in(kPassword, "/machines?key=key_1"), "Location"),
              "/machines?key=key_1");
    EXPECT_EQ(header_of(try_to_sign_in(kPassword, "https://evil.example/"), "Location"), "/");
}

TEST_F(ConsoleTest, the_wrong_password_is_told_so_and_after_five_of_them_to_wait) {
    for (int i = 0; i < 5; ++i) {
        const auto response = try_to_sign_in("wrong");
        EXPECT_EQ(response.status, 403);
        EXPECT_EQ(header_of(response, "Set-Cookie"), "");
        EXPECT_NE(response.body.find("That is not the password."), std::string::npos);
    }
    const auto response = try_to_sign_in(kPassword);
    EXPECT_EQ(response.status, 429);
    EXPECT_EQ(response.retry_after_s, 60);
    EXPECT_NE(response.body.find("Try again in 60 seconds."), std::string::npos);
}

TEST_F(ConsoleTest, signing_in_needs_a_page_of_ours_too) {
    HttpRequest form = request("POST", "/sign-in");
    form.fetch_site = "cross-site";
    form.body = encode_fields({{"password", std::string(kPassword)}});
    EXPECT_EQ(send(form).status, 403);
}

TEST_F(ConsoleTest, signing_out_ends_the_session_and_takes_the_cookie_back) {
    sign_in();
    EXPECT_EQ(get("/").status, 200);
    const auto out = post("/sign-out");
    EXPECT_EQ(header_of(out, "Location"), "/sign-in");
    EXPECT_NE(header_of(out, "Set-Cookie").find("Max-Age=0"), std::string::npos);
    EXPECT_EQ(get("/").status, 303);
}

TEST_F(ConsoleTest, an_idle_session_ends) {
    sign_in();
    server.clock += minutes{29};
    EXPECT_EQ(get("/").status, 200);
    server.clock += minutes{30};
    EXPECT_EQ(get("/").status, 303);
}

TEST_F(ConsoleTest, a_new_password_ends_the_session) {
    sign_in();
    server.admin("console", "password", {{"password-file", {"another password\n"}}});
    EXPECT_EQ(get("/").status, 303);
    EXPECT_EQ(try_to_sign_in(kPassword).status, 403);
    EXPECT_EQ(try_to_sign_in("another password").status, 303);
}

TEST_F(ConsoleTest, where_no_password_is_set_the_page_says_what_to_do) {
    std::filesystem::remove(credential_file(server.directory()));
    EXPECT_NE(get("/sign-in").body.find("console password"), std::string::npos);
    EXPECT_EQ(try_to_sign_in("").status, 403);
}

class ConsoleActions : public ConsoleTest {
protected:
    ConsoleActions() {
        estate = fill(server);
        sign_in();
    }
    Estate estate;
};

TEST_F(ConsoleActions, a_machine_is_released_after_a_question_and_told_about_once) {
    const std::string path = "/machines/" + estate.machine;
    EXPECT_NE(get(path + "/release").body.find("Its licenses end"), std::string::npos);
    EXPECT_EQ(state_of(estate.machine), "active") << "asking changes nothing";
    const auto done = post(path + "/release");
    EXPECT_EQ(done.status, 303) << "loading again repeats nothing";
    EXPECT_EQ(header_of(done, "Location"), path);
    EXPECT_EQ(state_of(estate.machine), "released");
    EXPECT_NE(get(path).body.find("The machine was released."), std::string::npos);
    EXPECT_EQ(get(path).body.find("The machine was released."), std::string::npos);
}

TEST_F(ConsoleActions, a_release_leaves_a_receipt_that_says_who_decided) {
    const std::string path = "/machines/" + estate.machine;
    post(path + "/release");
    const auto listed = server.admin("receipt", "list", {{"machine", {estate.machine}}});
    const auto& newest = listed.at("receipts").as_array().back();
    ASSERT_EQ(newest.at("kind").as_string(), "release");
    EXPECT_NE(get(path).body.find("Released by an administrator"), std::string::npos);
    const auto shown = get("/receipts/" + std::string(newest.at("id").as_string())).body;
    EXPECT_NE(shown.find("Not looked at: an administrator decided."), std::string::npos);
    EXPECT_NE(shown.find("An administrator released the machine."), std::string::npos);
    const auto all = get("/receipts").body;
    EXPECT_NE(all.find("not looked at"), std::string::npos);
}

TEST_F(ConsoleActions, of_two_that_renew_in_turns_the_chosen_one_goes_on) {
    const std::string path = "/machines/" + estate.cloned;
    EXPECT_NE(get(path + "/resolve").body.find("Which of the two goes on?"), std::string::npos);
    EXPECT_EQ(post(path + "/resolve", {{"goes_on", "other"}}).status, 303);
    EXPECT_NE(get(path).body.find("settled at its next renewal"), std::string::npos);
    EXPECT_EQ(post(path + "/resolve", {{"goes_on", "first"}}).status, 303);
    EXPECT_EQ(get(path).body.find("settled at its next renewal"), std::string::npos)
        << "the word for the other one was taken back";
}

TEST_F(ConsoleActions, who_goes_on_must_be_chosen) {
    const std::string path = "/machines/" + estate.cloned + "/resolve";
    for (const char* odd : {"", "nobody"}) {
        EXPECT_EQ(post(path, {{"goes_on", odd}}).status, 400) << odd;
        EXPECT_EQ(get("/machines/" + estate.cloned).body.find("settled at its next renewal"),
                  std::string::npos);
    }
}

TEST_F(ConsoleActions, a_form_without_the_sessions_token_changes_nothing) {
    const std::string path = "/machines/" + estate.machine + "/release";
    HttpRequest form = request("POST", path);
    std::vector<std::string> bodies{"", "form_token=", "form_token=AAAA",
                                    "form_token=a&form_token=b"};
    const std::string other = [&] {
        const std::string mine = std::exchange(cookie, {});
        sign_in();
        std::string token = form_token();
        cookie = mine;
        return token;
    }();
    bodies.push_back("form_token=" + other);
    for (const auto& body : bodies) {
        form.body = body;
        const auto refused = send(form);
        EXPECT_EQ(refused.status, 403) << body;
        EXPECT_NE(refused.body.find("did not come from a page of this console"), std::string::npos);
    }
    EXPECT_EQ(state_of(estate.machine), "active");
}

TEST_F(ConsoleActions, a_form_of_another_site_changes_nothing_even_with_the_token) {
    HttpRequest form = request("POST", "/machines/" + estate.machine + "/release");
    form.body = encode_fields({{"form_token", form_token()}});
    form.fetch_site = "cross-site";
    EXPECT_EQ(send(form).status, 403);
    form.fetch_site.clear();
    form.origin = "https://evil.example";
    EXPECT_EQ(send(form).status, 403);
    form.origin = "https://127.0.0.1:8444";
    form.content_type = "text/plain";
    EXPECT_EQ(send(form).status, 403) << "a form that needs no preflight may say this";
    EXPECT_EQ(state_of(estate.machine), "active");
}

TEST_F(ConsoleActions, without_a_session_a_form_changes_nothing) {
    const std::string token = form_token();
    cookie.clear();
    const auto response = post("/machines/" + estate.machine + "/release", {{"form_token", token}});
    EXPECT_EQ(header_of(response, "Location"), "/sign-in");
    EXPECT_EQ(state_of(estate.machine), "active");
}

TEST_F(ConsoleActions, a_link_changes_nothing) {
    const std::string path = "/machines/" + estate.machine + "/release?form_token=" + form_token();
    EXPECT_EQ(get(path).status, 400) << "a token has no business in an address";
    EXPECT_EQ(state_of(estate.machine), "active");
}

TEST_F(ConsoleActions, every_answer_keeps_the_browser_from_harm) {
    std::vector<HttpResponse> answers{get("/"),
                                      get("/style.css"),
                                      get("/icon.svg"),
                                      get("/sign-in"),
                                      get("/nothing"),
                                      get("/machines/mch_0"),
                                      get("nonsense"),
                                      post("/nothing"),
                                      try_to_sign_in("wrong"),
                                      send(request("DELETE", "/")),
                                      *console.refused({Code::request_too_large, "x", {}})};
    cookie.clear();
    answers.push_back(get("/"));
    answers.push_back(get("/sign-in"));
    for (const auto& answer : answers) {
        EXPECT_EQ(header_of(answer, "Content-Security-Policy"),
                  "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
                  "frame-ancestors 'none'; base-uri 'none'");
        EXPECT_EQ(header_of(answer, "X-Content-Type-Options"), "nosniff");
        EXPECT_EQ(header_of(answer, "Referrer-Policy"), "no-referrer");
        EXPECT_EQ(header_of(answer, "Cross-Origin-Opener-Policy"), "same-origin");
        EXPECT_EQ(header_of(answer, "Cross-Origin-Resource-Policy"), "same-origin");
    }
}

TEST_F(ConsoleActions, what_is_not_there_is_a_page_with_a_way_on) {
    for (const char* target : {"/machines/mch_0", "/entitlements/ent_0", "/receipts/rcp_0",
                               "/machines?key=key_0", "/nothing", "/machines/x/fly", "/a/b/c/d"}) {
        const auto response = get(target);
        EXPECT_EQ(response.status, 404) << target;
        EXPECT_NE(response.body.find("To the overview"), std::string::npos) << target;
    }
    for (const std::string target :
         {"/machines?after=nonsense", "/machines?cursor=7", "/?after=x", "/receipts?after=-1",
          "/clones?after=nonsense", "/receipts?page=2", "/receipts/x?after=1", "/?=1"}) {
        const auto response = get(target);
        EXPECT_EQ(response.status, 400) << target;
        EXPECT_NE(response.body.find("To the overview"), std::string::npos) << target;
    }
    EXPECT_EQ(get("/clones?after=lic_0").status, 200);
    cookie.clear();
    EXPECT_EQ(get("/sign-in?cursor=1").status, 400);
    EXPECT_EQ(get("/sign-in?next=/machines").status, 200);
    sign_in();
    EXPECT_EQ(get("/receipts?kind=release&key=&machine=&after=").status, 200);
    EXPECT_EQ(get("/machines?id=" + estate.machine).status, 303) << "found by its id";
    EXPECT_EQ(send(request("DELETE", "/")).status, 405);
}

}  // namespace
}  // namespace latchkey::keyserver::console
