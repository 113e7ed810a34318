// Everything that can stand between an agent and its key server: each fault has its own code and
// remedy, nothing is spent, and what was there before stays.

#include <signal.h>

#include <boost/json/serialize.hpp>

#include <map>
#include <mutex>

#include "tests/e2e/https_responder.h"
#include "tests/e2e/story.h"

namespace latchkey::e2e {
namespace {

class NetworkFaults : public Story {
protected:
    NetworkFaults() { granted = grant(server, "editor", "ai-cloud", 10); }

    /// From now on the agent finds this address where the key server should be.
    void start_towards(const std::string& url, const fs::path& ca_file) {
        agent.know_at(server, "editor", url, ca_file);
        agent.start();
    }

    /// Activation fails with this code; it is kept for another try, and goes through once the
    /// network is whole.
    void expect_fault(const std::vector<std::string>& codes, int exit_code = 75) {
        const auto failed = agent.activate("editor", granted.key, exit_code);
        EXPECT_THAT(contract_breaches(failed, "error.schema.json"), testing::IsEmpty());
        EXPECT_THAT(codes, testing::Contains(text_at(failed, "error.code")))
            << text_at(failed, "error.detail");
        EXPECT_FALSE(text_at(failed, "error.remedy").empty());
        const auto product = agent.product("editor");
        EXPECT_EQ(text_at(product, "state"), "initial_grace");
        EXPECT_EQ(text_at(product, "last_attempt.code"), text_at(failed, "error.code"));
        EXPECT_FALSE(at(product, "next_attempt_at").is_null()) << "it will be tried again";
        EXPECT_THAT(contract_breaches(agent.status(), "status.schema.json"), testing::IsEmpty());
        EXPECT_EQ(server.use(granted.entitlement), (Use{0, 10}));
        recover();
    }

    void recover() {
        agent.stop();
        agent.know(server, "editor");
        agent.start();
        const auto answer = agent.activate("editor", granted.key);
        EXPECT_EQ(text_at(answer, "state"), "licensed");
        EXPECT_EQ(server.use(granted.entitlement), (Use{1, 10}));
    }

    Grant granted;
};

TEST_F(NetworkFaults, a_server_that_is_down_is_tried_again_later) {
    agent.start();
    server.kill();
    const auto failed = agent.activate("editor", granted.key, 75);
    expect_problem(failed, "keyserver_unreachable");
    EXPECT_TRUE(at(failed, "error.retryable").as_bool());
    const auto product = agent.product("editor");
    EXPECT_EQ(text_at(product, "last_attempt.code"), "keyserver_unreachable");
    EXPECT_FALSE(at(product, "next_attempt_at").is_null());
    agent.restart();
    EXPECT_EQ(text_at(agent.product("editor"), "next_attempt_at"),
              text_at(product, "next_attempt_at"))
        << "the next attempt survives a restart";
    server.start();
    EXPECT_EQ(number_at(agent.activate("editor", granted.key), "counted"), 1);
    EXPECT_EQ(server.use(granted.entitlement), (Use{1, 10}));
}

TEST_F(NetworkFaults, a_certificate_of_another_authority_is_not_trusted) {
    KeyServer other(world, "fabrikam");
    start_towards(server.url(), other.ca_file());
    expect_fault({"tls_untrusted"});
}

TEST_F(NetworkFaults, a_proxy_that_inspects_with_an_authority_of_the_system_is_called_so) {
    const HttpsResponder proxy(world, Certificate::good, [&](const WireRequest& request) {
        return forward(server.url(), request);
    });
    agent.know_at(server, "editor", proxy.url(), server.ca_file());
    agent.privileges = {"/usr/bin/env", "SSL_CERT_FILE=" + proxy.ca_file().string()};
    agent.start();
    expect_problem(agent.activate("editor", granted.key, 75), "tls_intercepted");
    const auto health = boost::json::serialize(at(agent.status(), "agent.health"));
    EXPECT_NE(health.find("tls_intercepted"), std::string::npos) << health;
    EXPECT_EQ(proxy.requests(), 0) << "nothing was said to it";
    agent.know_at(server, "editor", proxy.url(), proxy.ca_file());
    agent.restart();
    EXPECT_EQ(number_at(agent.activate("editor", granted.key), "counted"), 1)
        << "named as trusted it is only a relay: what it carries is sealed and signed";
}

TEST_F(NetworkFaults, an_expired_certificate_is_not_trusted) {
    const HttpsResponder expired(world, Certificate::expired, [&](const WireRequest& request) {
        return forward(server.url(), request);
    });
    start_towards(expired.url(), expired.ca_file());
    expect_fault({"tls_untrusted"});
    EXPECT_EQ(expired.requests(), 0);
}

TEST_F(NetworkFaults, a_certificate_for_another_host_is_not_trusted) {
    const HttpsResponder other(world, Certificate::other_host, [&](const WireRequest& request) {
        return forward(server.url(), request);
    });
    start_towards(other.url(), other.ca_file());
    expect_fault({"tls_untrusted"});
    EXPECT_EQ(other.requests(), 0);
}

TEST_F(NetworkFaults, plain_http_on_the_port_is_named) {
    const PlainResponder plain("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    start_towards("https://127.0.0.1:" + std::to_string(plain.port()), server.ca_file());
    expect_fault({"captive_portal", "keyserver_unreachable", "tls_untrusted"});
}

TEST_F(NetworkFaults, a_port_that_says_nothing_sensible_is_named) {
    const PlainResponder noise(std::string(64, '\0') + "SSH-2.0-OpenSSH_9.2\r\n");
    start_towards("https://127.0.0.1:" + std::to_string(noise.port()), server.ca_file());
    expect_fault({"keyserver_unreachable", "captive_portal", "tls_untrusted"});
}

TEST_F(NetworkFaults, a_captive_portals_page_is_recognised) {
    const HttpsResponder portal(world, Certificate::good, [](const WireRequest&) {
        return WireResponse{200, "text/html", "<html><body>Please sign in</body></html>", {}};
    });
    start_towards(portal.url(), portal.ca_file());
    expect_fault({"captive_portal"});
}

TEST_F(NetworkFaults, a_portals_redirect_is_never_followed) {
    const HttpsResponder elsewhere(world, Certificate::good,
                                   [](const WireRequest&) { return WireResponse{}; });
    const HttpsResponder portal(world, Certificate::good, [&](const WireRequest& request) {
        return WireResponse{302, "text/html", "", {{"Location", elsewhere.url() + request.target}}};
    });
    start_towards(portal.url(), portal.ca_file());
    expect_fault({"captive_portal"});
    EXPECT_EQ(elsewhere.requests(), 0);
}

TEST_F(NetworkFaults, malformed_truncated_and_oversized_answers_are_refused) {
    std::string body;
    const HttpsResponder broken(world, Certificate::good, [&](const WireRequest&) {
        return WireResponse{200, "application/json", body, {}};
    });
    start_towards(broken.url(), broken.ca_file());
    const std::string doubled = R"({"key_set":"a","key_set":"b","root_chain":[]})";
    for (const auto& bad : {std::string("{"), doubled, std::string("[]"), std::string(),
                            "{\"x\":\"" + std::string(8u << 20, 'x') + "\"}"}) {
        body = bad;
        const auto failed = agent.cli({"activate", "--product", "editor", "--key-file",
                                       world.write("k", granted.key).string(), "--json"});
        EXPECT_THAT(failed.exit_code, testing::AnyOf(13, 75)) << bad.substr(0, 40) << failed.out;
        EXPECT_THAT(contract_breaches(parse_json(failed.out), "error.schema.json"),
                    testing::IsEmpty());
        EXPECT_EQ(state_of(), "initial_grace");
    }
    recover();
}

TEST_F(NetworkFaults, a_reply_signed_by_another_key_is_refused) {
    // The same publisher's name, another root: what a stolen name without the key can do.
    KeyServer impostor(world, "contoso", "impostor");
    impostor.add_product("editor", "Contoso Editor");
    grant(impostor, "editor", "ai-cloud", 10);
    start_towards(impostor.url(), impostor.ca_file());
    expect_fault({"signature_invalid"}, 13);
}

TEST_F(NetworkFaults, a_forged_byte_in_a_reply_is_found) {
    const HttpsResponder forger(world, Certificate::good, [&](const WireRequest& request) {
        auto answer = forward(server.url(), request);
        if (request.target == "/v1/activations/preview") {
            auto& symbol = answer.body[answer.body.size() / 2];
            symbol = symbol == 'A' ? 'B' : 'A';
        }
        return answer;
    });
    start_towards(forger.url(), forger.ca_file());
    const auto failed = agent.ask(
        {"explain", "--product", "editor", "--key-file", world.write("k", granted.key).string()},
        13);
    expect_problem(failed, "signature_invalid");
}

TEST_F(NetworkFaults, a_replayed_reply_is_refused) {
    std::mutex mutex;
    std::map<std::string, WireResponse> recorded;
    std::atomic<bool> replaying = false;
    const HttpsResponder recorder(world, Certificate::good, [&](const WireRequest& request) {
        const std::lock_guard lock(mutex);
        if (replaying && recorded.contains(request.target)) return recorded.at(request.target);
        auto answer = forward(server.url(), request);
        if (request.method == "POST") recorded[request.target] = answer;
        return answer;
    });
    start_towards(recorder.url(), recorder.ca_file());
    EXPECT_EQ(number_at(agent.activate("editor", granted.key), "counted"), 1);
    agent.reimage();
    replaying = true;
    const auto failed = agent.activate("editor", granted.key, 13);
    EXPECT_THAT(text_at(failed, "error.code"),
                testing::AnyOf("reply_not_fresh", "signature_invalid"));
    EXPECT_EQ(state_of(), "initial_grace");
    replaying = false;
    EXPECT_EQ(number_at(agent.activate("editor", granted.key), "counted"), 0);
    EXPECT_EQ(server.use(granted.entitlement), (Use{1, 10}));
}

TEST_F(NetworkFaults, a_lost_reply_never_counts_twice) {
    const auto strict = grant(server, "editor", "competency", 10);
    std::atomic<int> losing = 2;
    const HttpsResponder lossy(world, Certificate::good, [&](const WireRequest& request) {
        auto answer = forward(server.url(), request);
        if (request.target == "/v1/activations" && losing-- > 0)
            return WireResponse{502, "text/plain", "bad gateway", {}};
        return answer;
    });
    start_towards(lossy.url(), lossy.ca_file());
    for (int lost = 0; lost < 2; ++lost) {
        agent.activate("editor", strict.key, 75);
        EXPECT_EQ(server.use(strict.entitlement), (Use{1, 10})) << "the server did decide";
    }
    const auto answer = agent.activate("editor", strict.key);
    EXPECT_EQ(number_at(answer, "counted"), 1);
    EXPECT_EQ(server.use(strict.entitlement), (Use{1, 10}));
}

TEST_F(NetworkFaults, a_body_far_over_the_limit_always_gets_its_answer) {
    const WireRequest large{
        "POST", "/v1/activations", {{"Host", "127.0.0.1"}}, std::string(200'000, 'x')};
    for (int i = 0; i < 20; ++i) {
        const auto answer = forward(server.url(), large);
        EXPECT_EQ(answer.status, 413) << i;
        EXPECT_EQ(text_at(parse_json(answer.body), "code"), "request_too_large");
    }
}

TEST_F(NetworkFaults, a_server_that_asks_to_wait_is_obeyed) {
    const HttpsResponder busy(world, Certificate::good, [&](const WireRequest&) {
        return WireResponse{503, "application/json", "{}", {{"Retry-After", "7200"}}};
    });
    start_towards(busy.url(), busy.ca_file());
    expect_fault({"keyserver_unreachable", "rate_limited", "captive_portal"});
}

TEST_F(NetworkFaults, who_waits_no_longer_hears_that_the_agent_goes_on) {
    agent.start();
    server.process().signal(SIGSTOP);
    const auto file = world.write("key", granted.key);
    const auto given_up =
        agent.ask({"activate", "--product", "editor", "--key-file", file, "--timeout", "2"}, 69);
    expect_problem(given_up, "agent_unreachable");
    EXPECT_NE(text_at(given_up, "error.remedy").find("goes on by itself"), std::string::npos);
    server.process().signal(SIGCONT);
    wait_for([&] { return state_of() == "licensed"; });
}

}  // namespace
}  // namespace latchkey::e2e
