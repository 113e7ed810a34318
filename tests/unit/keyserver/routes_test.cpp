// Who is let in, and what the rest is told.

#include "keyserver/routes.h"

#include <gtest/gtest.h>

#include "keyserver/remedies.h"
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

TEST_F(Gate, a_request_signed_by_nobody_is_told_so_without_a_signature) {
    auto request = good();
    request.proof.back() = request.proof.back() == 'A' ? 'Q' : 'A';
    const auto told = device.send(request);
    EXPECT_EQ(told.code, "signature_invalid");
    EXPECT_FALSE(told.was_signed);
    EXPECT_EQ(told["remedy"].as_string().find("Something between this machine"),
              json::bj::string::npos)
        << "that is the word on an answer, not on a request";
}

TEST_F(Gate, a_header_that_is_missing_is_named) {
    const auto why = [&](auto change) {
        auto request = good();
        change(request);
        const auto told = device.send(request);
        EXPECT_EQ(told.code, "request_invalid");
        return std::string(told["detail"].as_string());
    };
    EXPECT_EQ(why([](HttpRequest& r) { r.protocol.clear(); }),
              "the header Latchkey-Protocol is missing");
    EXPECT_EQ(why([](HttpRequest& r) { r.device.clear(); }),
              "the header Latchkey-Device is missing");
    EXPECT_EQ(why([](HttpRequest& r) { r.proof.clear(); }),
              "the header Latchkey-Request is missing");
    EXPECT_EQ(why([](HttpRequest& r) { r.idempotency_key.clear(); }),
              "the header Idempotency-Key is missing");
}

TEST_F(Gate, what_the_device_signs_is_of_the_documented_form_or_refused) {
    const auto status = [&](const std::string& nonce) {
        HttpRequest request = good();
        auto proof = device.proof_of(request);
        proof.nonce = nonce;
        request.proof = device.sign(proof);
        const auto response = server.answer(request);
        EXPECT_EQ(response.body.find("nonce") != std::string::npos, response.status == 400);
        return response.status;
    };
    EXPECT_EQ(status("short"), 400);
    EXPECT_EQ(status("with.a.dot.in.the.middle"), 400);
    EXPECT_EQ(status("long-enough_for-1"), 201);
}

TEST_F(Gate, a_message_with_a_member_nobody_knows_is_refused_and_nothing_is_spent) {
    auto message = json::parse_strict(device.activation_message(key, {}, 1))->as_object();
    message["give_two"] = true;
    const auto told =
        device.send(device.request("POST", "/v1/activations", json::to_text(message), "one"));
    EXPECT_EQ(told.code, "request_invalid");
    EXPECT_NE(told["detail"].as_string().find("give_two"), json::bj::string::npos);
    EXPECT_EQ(server.used(), 0);
}

TEST_F(Gate, a_challenge_serves_ten_minutes_by_the_servers_clock) {
    const auto request = good();
    server.clock += minutes{10};
    EXPECT_EQ(device.send(request).status, 201);
    const auto late = good();
    server.clock += minutes{10} + Duration{1};
    EXPECT_EQ(code_of(late), "challenge_expired");
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

TEST_F(Gate, a_path_nobody_knows_is_a_problem_with_a_remedy_for_who_typed_it) {
    HttpRequest request;
    request.method = "GET";
    for (const std::string target :
         {"/", "/v1/licenses/../x", "/v2/time", "/v1/activations/x", "/nowhere?x=1"}) {
        request.target = target;
        const auto response = server.answer(request);
        EXPECT_EQ(response.status, 404) << target;
        EXPECT_EQ(response.code, "path_unknown") << target;
        EXPECT_EQ(response.content_type, "application/problem+json");
    }
    request.target = "/v1/time?nonce=short";
    EXPECT_EQ(server.answer(request).status, 400);
}

TEST_F(Gate, another_method_than_a_path_answers_is_told_which_ones_it_does) {
    const auto allowed = [&](std::string method, std::string target) {
        HttpRequest request;
        request.method = std::move(method);
        request.target = std::move(target);
        const auto response = server.answer(request);
        EXPECT_EQ(response.status, 405) << request.target;
        EXPECT_EQ(response.code, "method_not_allowed");
        for (const auto& [name, value] : response.headers)
            if (name == "Allow") return value;
        return std::string();
    };
    EXPECT_EQ(allowed("GET", "/v1/activations"), "POST");
    EXPECT_EQ(allowed("POST", "/healthz"), "GET, HEAD");
    EXPECT_EQ(allowed("OPTIONS", "/v1/time"), "GET, HEAD");
    EXPECT_EQ(allowed("GET", "/v1/licenses/lic_1"), "DELETE");
    EXPECT_EQ(allowed("DELETE", "/v1/licenses/lic_1/renew"), "POST");
}

TEST_F(Gate, whatever_is_read_may_be_asked_for_its_head) {
    HttpRequest request;
    request.method = "HEAD";
    for (const std::string target : {"/healthz", "/readyz", "/metrics", "/.well-known/latchkey",
                                     "/v1/time?nonce=AAAAAAAAAAAAAAAAAAAAAAAA"}) {
        request.target = target;
        EXPECT_EQ(server.answer(request).status, 200) << target;
    }
    request.target = "/v1/weights";
    EXPECT_EQ(server.answer(request).code, "record_unknown") << "as GET";
}

TEST(Answers, speak_of_the_servers_own_trouble_without_its_details) {
    for (const Code code : {Code::storage_failed, Code::database_unavailable, Code::state_corrupt,
                            Code::state_newer, Code::state_locked}) {
        const auto told = as_answered({code, "key_7 has no entitlement", "Look into /var/secret."});
        EXPECT_EQ(told.code, Code::keyserver_unavailable) << info(code).name;
        EXPECT_EQ(told.detail.find("key_7"), std::string::npos);
        EXPECT_TRUE(told.remedy.empty());
    }
}

TEST(Answers, say_what_to_do_in_words_that_are_true_for_a_request) {
    for (const Code code : {Code::signature_invalid, Code::request_invalid, Code::product_unknown,
                            Code::idempotency_conflict, Code::rate_limited, Code::internal}) {
        const auto told = as_answered({code, "", {}});
        EXPECT_FALSE(told.remedy.empty()) << info(code).name;
        EXPECT_NE(told.remedy, info(code).remedy);
    }
    EXPECT_EQ(as_answered({Code::request_invalid, "", "better"}).remedy, "better");
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
