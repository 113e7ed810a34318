// What goes over the wire is what docs/keyserver-api.yaml says, judged by other people's parsers:
// jsonschema for each body and for what is signed in it, Prometheus' own for /metrics. And what the
// server writes of it in its access log.

#include <boost/json/serialize.hpp>

#include <fstream>
#include <mutex>

#include "tests/e2e/https_responder.h"
#include "tests/e2e/story.h"

namespace latchkey::e2e {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string script(const std::string& name) { return std::string(LATCHKEY_E2E_DIR) + "/" + name; }

class OnTheWire : public Story {
protected:
    OnTheWire()
        : relay(world, Certificate::good,
                [this](const WireRequest& request) { return pass_on(request); }) {
        agent.know_at(server, "editor", relay.url(), relay.ca_file());
        agent.start();
    }

    /// Writes down what was asked and answered.
    WireResponse pass_on(const WireRequest& request) {
        auto answer = forward(server.url(), request);
        Json headers = boost::json::object{};
        for (const auto& [name, value] : request.headers) {
            std::string lower = name;
            for (auto& c : lower) c = static_cast<char>(std::tolower(c));
            headers.as_object()[lower] = value;
        }
        const std::scoped_lock lock(mutex);
        std::ofstream(log(), std::ios::app)
            << boost::json::serialize(boost::json::object{{"method", request.method},
                                                          {"target", request.target},
                                                          {"request_headers", headers},
                                                          {"request_body", request.body},
                                                          {"status", answer.status},
                                                          {"content_type", answer.content_type},
                                                          {"body", answer.body}})
            << "\n";
        return answer;
    }

    std::string ask(const std::string& method, const std::string& target,
                    const std::string& body = {}) {
        return pass_on({method, target, {}, body}).body;
    }

    fs::path log() const { return world.path("exchanges"); }

    /// What was asked and answered, held against the document.
    Finished judge() const {
        return run({{"/usr/bin/python3", script("check_api.py"),
                     script("../../docs/keyserver-api.yaml"), log().string()},
                    {},
                    {}});
    }

    std::mutex mutex;
    HttpsResponder relay;
};

TEST_F(OnTheWire, everything_is_as_the_api_document_says) {
    const auto granted = grant(server, "editor", "ai-cloud", 1);
    const auto other = grant(server, "editor", "competency", 1);
    agent.ask(
        {"explain", "--product", "editor", "--key-file", world.write("key", granted.key).string()});
    agent.activate("editor", granted.key);
    agent.activate("editor", granted.key);
    agent.ask({"deactivate", "--product", "editor"});
    agent.activate("editor", granted.key, 10);  // used up
    const auto token =
        text_at(server.admin({"token", "issue", "--entitlement", other.entitlement, "--service",
                              "Contoso Cloud E3", "--year-ends", "2099-01-01"}),
                "token");
    agent.ask({"redeem", world.write("token", token).string()});
    for (const char* path : {"/healthz", "/readyz", "/metrics", "/.well-known/latchkey", "/nowhere",
                             "/v1/time?nonce=AAAAAAAAAAAAAAAAAAAAAAAA", "/v1/time?nonce=!"})
        ask("GET", path);
    for (const char* path :
         {"/v1/activations", "/v1/activations/preview", "/v1/rearms", "/v1/tokens/redeem",
          "/v1/licenses/lic_1/renew", "/v1/tpm/challenge"}) {
        ask("POST", path);
        ask("POST", path, "{\"publisher\": \"contoso\", \"sealed\": \"nothing\"}");
        ask("POST", path, std::string(70'000, 'x'));
    }
    ask("DELETE", "/v1/licenses/lic_1");
    ask("GET", "/v1/activations");
    for (const char* path : {"/healthz", "/readyz", "/metrics", "/.well-known/latchkey"})
        EXPECT_EQ(ask("HEAD", path), "");
    ask("GET", "/v1/weights");  // the one built in is in force
    auto table = server.admin({"weights", "show"}).as_object();
    table["version"] = number_at(table, "version") + 1;
    server.admin(
        {"weights", "install", world.write("table.json", boost::json::serialize(table)).string()});
    ask("GET", "/v1/weights");
    ask("GET", "/.well-known/latchkey");

    const auto judged = judge();
    EXPECT_EQ(judged.exit_code, 0) << judged.out << judged.err;
    EXPECT_THAT(judged.out, HasSubstr("seen activate 201 400 409 413"));
    EXPECT_THAT(judged.out, HasSubstr("seen preview 200 400 413"));
    EXPECT_THAT(judged.out, HasSubstr("seen release 200 400"));
    EXPECT_THAT(judged.out, HasSubstr("seen redeem 201 400"));
    EXPECT_THAT(judged.out, HasSubstr("seen weights 200 404"));
    EXPECT_THAT(judged.out, Not(HasSubstr("unseen")));
}

TEST_F(OnTheWire, a_client_written_from_the_document_alone_is_served) {
    const auto granted = grant(server, "editor", "ai-cloud", 1);
    const auto client = run(
        {{"/usr/bin/python3", script("foreign_client.py"), server.url(), server.ca_file().string(),
          world.write("editor.jws", server.manifest("editor")).string(), granted.key,
          log().string()},
         {},
         {}});
    EXPECT_EQ(client.exit_code, 0) << client.out << client.err;
    EXPECT_EQ(server.use(granted.entitlement), (Use{1, 1}));
    const auto judged = judge();
    EXPECT_EQ(judged.exit_code, 0) << judged.out << judged.err;
    for (const char* seen : {"seen rearms 200\n", "seen preview 200\n", "seen activate 201\n",
                             "seen renew 200\n", "seen release 200\n"})
        EXPECT_THAT(judged.out, HasSubstr(seen)) << client.out;
}

TEST_F(OnTheWire, metrics_are_read_by_prometheus_own_parser) {
    const auto granted = grant(server, "editor", "ai-cloud", 10);
    agent.activate("editor", granted.key);
    ask("GET", "/nowhere");
    const auto judged =
        run({{"/usr/bin/python3", script("check_metrics.py")}, {}, ask("GET", "/metrics")});
    ASSERT_EQ(judged.exit_code, 0) << judged.err;
    EXPECT_THAT(judged.out, HasSubstr("family latchkey_response_seconds histogram"));
    EXPECT_THAT(judged.out,
                HasSubstr("latchkey_responses_total{route=/v1/activations,status=201} 1\n"));
    EXPECT_THAT(judged.out, HasSubstr("latchkey_responses_total{route=other,status=404} 1\n"));
    EXPECT_THAT(judged.out, HasSubstr("latchkey_decisions_total{outcome=done} 1\n"));
    EXPECT_THAT(judged.out,
                HasSubstr("latchkey_response_seconds_count{route=/v1/activations} 1\n"));
    EXPECT_THAT(judged.out, HasSubstr("latchkey_connections{} 1\n"));
}

TEST_F(OnTheWire, the_access_log_has_a_line_for_each_answer_and_no_secret) {
    const auto granted = grant(server, "editor", "ai-cloud", 10);
    const auto file = world.path("access.log");
    server.stop();
    server.serve_with({"--access-log", file.string()});
    server.start();
    agent.activate("editor", granted.key);
    ask("GET", "/v1/time?nonce=SECRETSECRETSECRETSECRET");
    ask("GET", "/<script>\"");
    fs::rename(file, world.path("access.log.1"));
    server.process().signal(SIGHUP);
    wait_for([&] {
        ask("GET", "/healthz");
        return fs::exists(file) && fs::file_size(file) > 0;
    });
    const auto text = read_file(world.path("access.log.1"));
    std::size_t lines = 0;
    Json activated;
    for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != text.npos; at = end + 1) {
        const auto line = parse_json(text.substr(at, end - at));
        ++lines;
        if (text_at(line, "path") == "/v1/activations") activated = line;
    }
    EXPECT_GE(lines, 4u);
    EXPECT_EQ(number_at(activated, "status"), 201);
    EXPECT_EQ(text_at(activated, "device").size(), 8u);
    EXPECT_EQ(text_at(activated, "peer"), "127.0.0.1");
    EXPECT_THAT(text, Not(HasSubstr("SECRET"))) << "queries are left out";
    EXPECT_THAT(text, Not(HasSubstr(granted.key)));
    EXPECT_THAT(text, HasSubstr("\"code\":\"path_unknown\""));
    EXPECT_THAT(read_file(file), HasSubstr("/healthz"));
}

TEST_F(OnTheWire, chaos_breaks_a_few_requests_and_never_the_truth) {
    const auto granted = grant(server, "editor", "ai-cloud", 10);
    server.stop();
    server.serve_with({"--chaos"});
    server.start();
    // One in twenty: that 400 go well has a chance of one in 800 million.
    constexpr int kMostAsked = 400;
    int asked = 0;
    int went_well = 0;
    while (asked == went_well && asked < kMostAsked) {
        ++asked;
        try {
            const auto answer =
                forward(server.url(), {"GET", "/v1/time?nonce=AAAAAAAAAAAAAAAAAAAAAAAA", {}, {}});
            went_well += answer.status == 200;
        } catch (const std::exception&) {
        }
    }
    EXPECT_LT(went_well, asked);
    EXPECT_EQ(ask("GET", "/healthz"), "{\"status\":\"ok\"}") << "whoever watches is told the truth";
}

}  // namespace
}  // namespace latchkey::e2e
