// --chaos: which request meets what, and that a request which meets nothing is answered as always.

#include "keyserver/http/chaos.h"

#include <gtest/gtest.h>

#include <vector>

namespace latchkey::keyserver {
namespace {

class Counter final : public HttpHandler {
public:
    std::optional<HttpResponse> quick(const HttpRequest& request) override {
        if (request.method == "POST") return std::nullopt;
        ++answers;
        return HttpResponse{.body = "quick", .retry_after_s = {}};
    }
    HttpResponse answer(const HttpRequest&) override {
        ++answers;
        return {.body = "decided", .retry_after_s = {}};
    }
    int answers = 0;
};

HttpRequest request(std::string method, std::string target) {
    HttpRequest request;
    request.method = std::move(method);
    request.target = std::move(target);
    return request;
}

class ChaosTest : public testing::Test {
protected:
    /// Answers as a server does, where `number` is drawn.
    HttpResponse meet(double number, const HttpRequest& request) {
        Chaos chaos(inner, 0.05, [&] { return number; });
        auto response = chaos.quick(request);
        return response ? std::move(*response) : chaos.answer(request);
    }
    Counter inner;
    const HttpRequest activation = request("POST", "/v1/activations");
};

TEST_F(ChaosTest, leaves_nineteen_of_twenty_alone) {
    for (const double number : {0.05, 0.3, 0.999}) {
        const auto response = meet(number, activation);
        EXPECT_EQ(response.status, 200);
        EXPECT_EQ(response.delivery, Delivery::whole);
    }
    EXPECT_EQ(inner.answers, 3);
}

TEST_F(ChaosTest, refuses_for_a_while_without_deciding) {
    const auto limited = meet(0.005, activation);
    EXPECT_EQ(limited.status, 429);
    EXPECT_TRUE(limited.retry_after_s);
    const auto unavailable = meet(0.015, activation);
    EXPECT_EQ(unavailable.status, 503);
    EXPECT_TRUE(unavailable.retry_after_s);
    EXPECT_EQ(inner.answers, 0);
}

TEST_F(ChaosTest, loses_requests_before_and_replies_after_they_are_decided) {
    EXPECT_EQ(meet(0.025, activation).delivery, Delivery::none);
    EXPECT_EQ(inner.answers, 0);
    EXPECT_EQ(meet(0.035, activation).delivery, Delivery::none);
    EXPECT_EQ(inner.answers, 1);
    EXPECT_EQ(meet(0.045, activation).delivery, Delivery::cut_short);
    EXPECT_EQ(inner.answers, 2);
}

TEST_F(ChaosTest, draws_once_a_request) {
    int drawn = 0;
    Chaos chaos(inner, 0.05, [&] {
        ++drawn;
        return 0.9;
    });
    EXPECT_FALSE(chaos.quick(activation));
    chaos.answer(activation);
    EXPECT_EQ(drawn, 1);
    chaos.quick(request("GET", "/v1/time?nonce=x"));
    EXPECT_EQ(drawn, 2);
}

TEST_F(ChaosTest, tells_the_truth_to_whoever_watches_over_the_server) {
    for (const char* path : {"/healthz", "/metrics", "/readyz"})
        EXPECT_EQ(meet(0.025, request("GET", path)).delivery, Delivery::whole) << path;
}

}  // namespace
}  // namespace latchkey::keyserver
