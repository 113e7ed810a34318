// The client against a real TLS server on loopback: what it sends, what it believes, and what every
// fault is called.

#include "agent/net/key_server_client.h"

#include "tests/unit/agent_net/client_fixture.h"

namespace latchkey::net {
namespace {

class KeyServerClientTest : public ClientFixture {};

TEST_F(KeyServerClientTest, a_right_server_is_believed) {
    serve([this](const SeenRequest& seen) { return right(seen); });
    const auto answer = call();
    ASSERT_TRUE(answer.has_value()) << answer.error().problem.detail;
    EXPECT_EQ(answer->message.at("answer").as_int64(), 42);
    EXPECT_EQ(answer->fresh.server_time, kServerNow);
    EXPECT_EQ(answer->fresh.trusted.key_set->version, 3);
    EXPECT_EQ(server_->connections(), 1) << "one connection serves trust, challenge and call";
}

TEST_F(KeyServerClientTest, the_request_is_signed_sealed_and_keeps_its_secrets) {
    serve([this](const SeenRequest& seen) { return right(seen); });
    ASSERT_TRUE(call().has_value());
    ASSERT_TRUE(last_.has_value());
    EXPECT_EQ(last_->method, "POST");
    EXPECT_EQ(last_->headers.at("Latchkey-Protocol"), "1");
    EXPECT_EQ(last_->headers.at("Idempotency-Key"), "idem-1");
    EXPECT_EQ(last_->body.find("SECRET"), std::string::npos);
    const auto body = licensing::parse_sealed_body(last_->body);
    ASSERT_TRUE(body);
    EXPECT_EQ(licensing::unseal(body->sealed, room_.seal), R"({"product_key":"SECRET"})");
    const auto proof =
        licensing::verify_request(last_->headers.at("Latchkey-Request"), device_.public_key());
    ASSERT_TRUE(proof);
    EXPECT_EQ((*proof)->body_sha256, base64url(licensing::sha256(last_->body)));
    EXPECT_EQ((*proof)->path, "/v1/activations");
    EXPECT_EQ((*proof)->idempotency_key, "idem-1");
    EXPECT_TRUE(licensing::verify_challenge((*proof)->challenge, room_.set));
}

TEST_F(KeyServerClientTest, a_signed_refusal_is_final_and_brings_its_numbers) {
    serve_with("/v1/activations", [this](const SeenRequest& seen) {
        const licensing::ProblemDocument refusal{
            {Code::activation_limit_reached, "10 of 10 used", {}}, 10, 10, std::nullopt};
        return http_answer(409, room_.reply(seen, 409, licensing::to_json(refusal)),
                           "application/problem+json");
    });
    const auto refused = failure();
    EXPECT_EQ(refused.problem.code, Code::activation_limit_reached);
    EXPECT_TRUE(refused.final);
    EXPECT_EQ(refused.used, 10);
    EXPECT_EQ(refused.limit, 10);
}

TEST_F(KeyServerClientTest, a_signed_but_retryable_refusal_is_not_final) {
    serve_with("/v1/activations", [this](const SeenRequest& seen) {
        const licensing::ProblemDocument refusal{
            {Code::rate_limited, "", {}}, std::nullopt, std::nullopt, 77};
        return http_answer(429, room_.reply(seen, 429, licensing::to_json(refusal)),
                           "application/problem+json");
    });
    const auto refused = failure();
    EXPECT_EQ(refused.problem.code, Code::rate_limited);
    EXPECT_FALSE(refused.final);
    EXPECT_EQ(refused.retry_after, Duration{seconds{77}});
}

TEST_F(KeyServerClientTest, an_unsigned_refusal_is_never_final) {
    serve_with("/v1/activations", [](const SeenRequest&) {
        const licensing::ProblemDocument refusal{
            {Code::key_blocked, "", {}}, std::nullopt, std::nullopt, std::nullopt};
        return http_answer(403, json::to_text(licensing::to_json(refusal)),
                           "application/problem+json", "Retry-After: 90\r\n");
    });
    const auto refused = failure();
    EXPECT_EQ(refused.problem.code, Code::key_blocked);
    EXPECT_FALSE(refused.final);
    EXPECT_EQ(refused.retry_after, Duration{seconds{90}});
}

TEST_F(KeyServerClientTest, a_reply_signed_by_another_key_is_refused) {
    const SigningKey stranger = SigningKey::generate();
    serve_with("/v1/activations", [&](const SeenRequest& seen) {
        return http_answer(200, room_.reply(seen, 200, {{"answer", 1}}, &stranger));
    });
    expect(failure(), Code::signature_invalid, "");
}

TEST_F(KeyServerClientTest, a_replayed_reply_is_refused) {
    std::string first;
    serve_with("/v1/activations", [&](const SeenRequest& seen) {
        if (first.empty()) first = http_answer(200, room_.reply(seen, 200, {{"answer", 1}}));
        return first;
    });
    ASSERT_TRUE(call().has_value());
    expect(failure(), Code::reply_not_fresh, "");
}

TEST_F(KeyServerClientTest, a_replayed_challenge_is_refused) {
    const std::string old = room_.challenge("/v1/time?nonce=somebody-elses");
    serve_with("/v1/time", [&](const SeenRequest&) { return http_answer(200, old); });
    expect(failure(), Code::reply_not_fresh, host());
}

TEST_F(KeyServerClientTest, an_unsigned_success_is_refused) {
    serve_with("/v1/activations",
               [](const SeenRequest&) { return http_answer(200, R"({"license":"x"})"); });
    expect(failure(), Code::signature_invalid, host());
}

TEST_F(KeyServerClientTest, a_key_set_of_another_root_is_refused) {
    const KeyRoom other;
    serve_with("/.well-known",
               [&](const SeenRequest&) { return http_answer(200, other.bundle()); });
    expect(failure(), Code::signature_invalid, "");
}

TEST_F(KeyServerClientTest, a_key_set_that_goes_back_is_refused) {
    seen_version_ = 4;
    serve([this](const SeenRequest& seen) { return right(seen); });
    expect(failure(), Code::signature_invalid, "");
}

TEST_F(KeyServerClientTest, duplicate_members_are_refused) {
    serve_with("/v1/time", [](const SeenRequest&) {
        return http_answer(200, R"({"challenge":"a","challenge":"b"})");
    });
    expect(failure(), Code::captive_portal, "twice");
}

TEST_F(KeyServerClientTest, plain_http_on_the_port_is_something_else) {
    serve([](const SeenRequest&) { return std::string(); }, nullptr,
          TestServer::Speaks::plain_http);
    // A TLS hello is no HTTP request, so such a server answers 400 or hangs up; both are told.
    const auto refused = failure();
    expect(refused, Code::captive_portal, host());
}

TEST_F(KeyServerClientTest, a_portals_page_is_recognised) {
    serve_with("/.well-known", [](const SeenRequest&) {
        return http_answer(200, "<html>Sign in</html>", "text/html");
    });
    expect(failure(), Code::captive_portal, "text/html");
}

TEST_F(KeyServerClientTest, a_redirect_is_not_followed) {
    serve_with("/.well-known", [](const SeenRequest&) {
        return http_answer(302, "", "text/html", "Location: https://evil.example/\r\n");
    });
    expect(failure(), Code::captive_portal, "redirect");
    EXPECT_EQ(server_->connections(), 1);
}

TEST_F(KeyServerClientTest, a_gateways_error_page_is_a_server_out_of_reach) {
    serve_with("/.well-known", [](const SeenRequest&) {
        return http_answer(502, "<html>Bad gateway</html>", "text/html", "Retry-After: 120\r\n");
    });
    const auto refused = failure();
    expect(refused, Code::keyserver_unreachable, "502");
    EXPECT_EQ(refused.retry_after, Duration{seconds{120}});
}

TEST_F(KeyServerClientTest, an_oversized_answer_is_cut_off) {
    serve_with("/.well-known",
               [](const SeenRequest&) { return http_answer(200, std::string(70 * 1024, 'x')); });
    expect(failure(), Code::captive_portal, "larger");
}

TEST_F(KeyServerClientTest, a_truncated_answer_is_told) {
    serve_with("/.well-known", [](const SeenRequest&) {
        return std::string(
            "HTTP/1.1 200 OK\r\nContent-Length: 500\r\nConnection: close\r\n\r\n{\"key_set\":");
    });
    expect(failure(), Code::keyserver_unreachable, "broke off");
}

TEST_F(KeyServerClientTest, a_connection_closed_without_an_answer_is_told) {
    serve_with("/v1/activations", [](const SeenRequest&) { return std::string("!"); });
    expect(failure(), Code::keyserver_unreachable, host());
}

TEST_F(KeyServerClientTest, rubbish_instead_of_http_is_something_else) {
    serve_with("/.well-known", [](const SeenRequest&) { return std::string("SSH-2.0-x\r\n\r\n"); });
    expect(failure(), Code::captive_portal, "not HTTP");
}

TEST_F(KeyServerClientTest, a_silent_server_runs_into_the_deadline) {
    deadlines_.exchange = Duration{20};
    serve_with("/v1/time", [](const SeenRequest&) { return std::string(); });
    expect(failure(), Code::keyserver_unreachable, "no answer in time");
}

TEST_F(KeyServerClientTest, a_handshake_that_never_ends_runs_into_the_deadline) {
    deadlines_.handshake = Duration{20};
    asio::ip::tcp::acceptor silent(io_, {asio::ip::address_v4::loopback(), 0});
    url_ = "https://127.0.0.1:" + std::to_string(silent.local_endpoint().port());
    expect(failure(), Code::keyserver_unreachable, "no answer in time");
}

TEST_F(KeyServerClientTest, nobody_listening_is_a_server_out_of_reach) {
    {
        const asio::ip::tcp::acceptor gone(io_, {asio::ip::address_v4::loopback(), 0});
        url_ = "https://127.0.0.1:" + std::to_string(gone.local_endpoint().port());
    }
    expect(failure(), Code::keyserver_unreachable, "connection refused");
}

TEST_F(KeyServerClientTest, an_unknown_name_is_a_server_out_of_reach) {
    url_ = "https://nowhere.invalid";
    expect(failure(), Code::keyserver_unreachable, "nowhere.invalid:443: the name");
}

TEST_F(KeyServerClientTest, an_address_with_a_path_is_refused) {
    url_ = "https://127.0.0.1:1/v2";
    expect(failure(), Code::config_invalid, "url");
}

TEST_F(KeyServerClientTest, a_proxy_that_refuses_is_named) {
    // A TLS server is no proxy: it answers CONNECT with nothing that makes sense.
    serve([this](const SeenRequest& seen) { return right(seen); });
    proxy_ = "http://127.0.0.1:1";
    expect(failure(), Code::keyserver_unreachable, "127.0.0.1:1");
}

}  // namespace
}  // namespace latchkey::net
