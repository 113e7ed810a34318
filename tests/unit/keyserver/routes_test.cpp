// Who is let in, and what the rest is told.

#include "keyserver/routes.h"

#include <gtest/gtest.h>

#include "licensing/seal.h"
#include "tests/unit/keyserver/test_server.h"

namespace latchkey::keyserver {
namespace {

class Gate : public ::testing::Test {
protected:
    Gate() : key(server.sell("ai-cloud", 3)) {}

    HttpRequest good() {
        return device.request("POST", "/v1/activations", device.activation_message(key, {}, 1),
                              "one");
    }
    std::string code_of(const HttpRequest& request) { return device.send(request).code; }

    TestServer server;
    TestDevice device{server};
    std::string key;
};

TEST_F(Gate, a_good_request_is_let_in) { EXPECT_EQ(device.send(good()).status, 201); }

TEST_F(Gate, nothing_of_a_signed_request_may_be_changed) {
    auto method = good();
    method.method = "DELETE";
    method.target = "/v1/licenses/lic_x";
    EXPECT_EQ(code_of(method), "signature_invalid");
    auto path = good();
    path.target = "/v1/activations/preview";
    EXPECT_EQ(code_of(path), "signature_invalid");
    auto body = good();
    body.body.insert(1, " ");
    EXPECT_EQ(code_of(body), "signature_invalid");
    auto idempotency = good();
    idempotency.idempotency_key = "two";
    EXPECT_EQ(code_of(idempotency), "signature_invalid");
    auto device_key = good();
    device_key.device = TestDevice(server).public_key();
    EXPECT_EQ(code_of(device_key), "signature_invalid");
    EXPECT_EQ(server.used(), 0);
}

TEST_F(Gate, an_unsigned_request_is_told_so_without_a_signature) {
    auto request = good();
    request.proof.clear();
    const auto told = device.send(request);
    EXPECT_EQ(told.code, "signature_invalid");
    EXPECT_FALSE(told.was_signed);
}

TEST_F(Gate, a_challenge_serves_ten_minutes_by_the_servers_clock) {
    const auto request = good();
    server.clock += minutes{10};
    EXPECT_EQ(device.send(request).status, 201);
    const auto late = good();
    server.clock += minutes{10} + Duration{1};
    EXPECT_EQ(code_of(late), "reply_not_fresh");
}

TEST_F(Gate, a_challenge_of_another_key_server_is_refused) {
    TestServer other;
    TestDevice stranger(other);
    auto request = stranger.request("POST", "/v1/activations", "{}", "one");
    EXPECT_EQ(server.answer(request).status, 400);
}

TEST_F(Gate, the_protocol_version_is_checked_first) {
    auto request = good();
    request.protocol = "0";
    EXPECT_EQ(code_of(request), "agent_too_old");
    request.protocol = "";
    EXPECT_EQ(code_of(request), "request_invalid");
    request.protocol = "99";
    EXPECT_EQ(code_of(request), "request_invalid");
}

TEST_F(Gate, a_spending_request_without_an_idempotency_key_is_refused) {
    const auto request =
        device.request("POST", "/v1/activations", device.activation_message(key, {}, 1), "");
    EXPECT_EQ(server.answer(request).status, 400);
    EXPECT_EQ(server.used(), 0);
}

TEST_F(Gate, malformed_and_double_keyed_messages_are_refused_with_a_signed_word) {
    for (const std::string inner : {"", "{", "[]", R"({"product":"a","product":"b"})",
                                    R"({"max_count":18446744073709551616})"}) {
        const auto told = device.send(device.request("POST", "/v1/activations", inner, "one"));
        EXPECT_EQ(told.code, "request_invalid") << inner;
        EXPECT_TRUE(told.was_signed) << inner;
    }
    EXPECT_EQ(server.used(), 0);
}

TEST_F(Gate, a_fingerprint_under_another_salt_is_an_error_and_never_a_different_machine) {
    licensing::ActivationRequest message;
    message.product = "editor";
    message.product_key = key;
    message.fingerprint = {"salt_other", {}};
    message.platform = "linux";
    EXPECT_EQ(code_of(device.request("POST", "/v1/activations",
                                     json::to_text(licensing::to_json(message)), "one")),
              "request_invalid");
}

TEST_F(Gate, one_device_asking_too_often_is_told_to_wait) {
    HttpResponse last;
    for (int i = 0; i <= kRequestBurst; ++i) last = server.answer(good());
    EXPECT_EQ(last.status, 429);
    EXPECT_GE(last.retry_after_s.value_or(0), 1);
    TestDevice other(server);
    EXPECT_EQ(other.activate(key, {}).status, 201) << "others are not held up";
    server.clock += seconds{1};
    EXPECT_NE(server.answer(good()).status, 429);
}

TEST_F(Gate, previews_of_one_key_are_limited_by_the_hour) {
    for (int i = 0; i < Policy{}.previews_per_device; ++i) {
        EXPECT_EQ(device.preview(key, {}).status, 200);
        server.clock += seconds{1};
    }
    EXPECT_EQ(device.preview(key, {}).code, "rate_limited");
    EXPECT_EQ(device.activate(key, {}).status, 201) << "activating is not previewing";
    server.clock += hours{1};
    EXPECT_EQ(device.preview(key, {}).status, 200);
}

TEST_F(Gate, other_paths_and_methods_are_problems_too) {
    HttpRequest request;
    request.method = "GET";
    for (const std::string target : {"/", "/v1/activations", "/v1/licenses/../x", "/v2/time"}) {
        request.target = target;
        const auto response = server.answer(request);
        EXPECT_EQ(response.status, 404) << target;
        EXPECT_EQ(response.content_type, "application/problem+json");
    }
    request.target = "/v1/time?nonce=short";
    EXPECT_EQ(server.answer(request).status, 400);
}

TEST_F(Gate, health_and_metrics_answer) {
    device.send(good());
    HttpRequest request;
    request.method = "GET";
    for (const std::string target : {"/healthz", "/readyz", "/metrics", "/.well-known/latchkey"}) {
        request.target = target;
        EXPECT_EQ(server.answer(request).status, 200) << target;
    }
    request.target = "/metrics";
    const auto text = server.answer(request).body;
    EXPECT_NE(text.find("latchkey_responses_total{route=\"/v1/activations\",status=\"201\"} 1"),
              std::string::npos);
    EXPECT_TRUE(text.ends_with("# EOF\n"));
}

}  // namespace
}  // namespace latchkey::keyserver
