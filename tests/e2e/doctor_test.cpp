// latchkey doctor against real networks: it names the step where the way ends.

#include "tests/e2e/https_responder.h"
#include "tests/e2e/story.h"

namespace latchkey::e2e {
namespace {

using testing::HasSubstr;

class Doctor : public Story {
protected:
    Json examined(int expected_exit) const { return agent.ask({"doctor"}, expected_exit); }

    static const Json& item(const Json& answer, std::string_view id) {
        for (const auto& one : at(answer, "items").as_array())
            if (text_at(one, "id") == id) return one;
        throw std::runtime_error("there is no item " + std::string(id));
    }
    static std::string finding(const Json& answer, std::string_view id) {
        return text_at(item(answer, id), "finding");
    }
};

TEST_F(Doctor, finds_a_machine_well_that_can_activate) {
    agent.start();
    const auto answer = examined(0);
    for (const auto* id : {"configuration", "products", "state", "permissions", "key_server", "dns",
                           "route", "tls", "answer", "clock_difference"})
        EXPECT_EQ(finding(answer, id), "ok") << text_at(item(answer, id), "text");
    EXPECT_THAT(text_at(item(answer, "tls"), "text"), HasSubstr("TLSv1.3"));
    EXPECT_THAT(text_at(item(answer, "answer"), "text"), HasSubstr("contoso"));
    EXPECT_THAT(agent.cli({"doctor"}).out, HasSubstr("key server        contoso: 127.0.0.1:"));
}

TEST_F(Doctor, names_the_step_where_the_way_to_the_key_server_ends) {
    agent.start();
    server.kill();
    auto answer = examined(1);
    EXPECT_EQ(finding(answer, "dns"), "ok");
    EXPECT_EQ(finding(answer, "route"), "failed");
    EXPECT_EQ(finding(answer, "tls"), "skipped");
    EXPECT_FALSE(text_at(item(answer, "route"), "remedy").empty());

    agent.stop();
    agent.know_at(server, "editor", "https://no-such-host.invalid:8443", server.ca_file());
    agent.start();
    answer = examined(1);
    EXPECT_EQ(finding(answer, "dns"), "failed");
    EXPECT_EQ(finding(answer, "route"), "skipped");
}

TEST_F(Doctor, names_who_issued_the_certificate_of_an_inspecting_proxy) {
    const HttpsResponder proxy(world, Certificate::good, [&](const WireRequest& request) {
        return forward(server.url(), request);
    });
    agent.know_at(server, "editor", proxy.url(), server.ca_file());
    agent.privileges = {"/usr/bin/env", "SSL_CERT_FILE=" + proxy.ca_file().string()};
    agent.start();
    const auto answer = examined(1);
    EXPECT_EQ(finding(answer, "route"), "ok");
    EXPECT_EQ(finding(answer, "tls"), "failed");
    EXPECT_THAT(text_at(item(answer, "tls"), "text"), HasSubstr("issued by"));
    EXPECT_EQ(finding(answer, "answer"), "skipped");
}

TEST_F(Doctor, tells_a_state_directory_that_others_may_write) {
    agent.start();
    fs::permissions(agent.state_dir(), fs::perms(0777));
    const auto answer = examined(1);
    EXPECT_EQ(finding(answer, "permissions"), "failed");
    fs::permissions(agent.state_dir(), fs::perms(0700));
    EXPECT_EQ(finding(examined(0), "permissions"), "ok");
}

}  // namespace
}  // namespace latchkey::e2e
