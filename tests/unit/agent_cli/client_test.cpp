#include "agent/localapi/client.h"

#include <gtest/gtest.h>

#include "agent/localapi/problem_json.h"
#include "tests/unit/agent_cli/canned_agent.h"

namespace latchkey::localapi {
namespace {

using cli::CannedAgent;
using cli::http;

ClientOptions at(const CannedAgent& agent) { return {agent.endpoint(), seconds{20}}; }

TEST(Client, sends_one_request_and_returns_the_body) {
    CannedAgent agent([](const std::string&) { return http(200, R"({"ok":true})"); });
    const json::bj::value body{{"key", "value"}};
    const auto answer = request(at(agent), "POST", "/v1/reload", &body);
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(json::to_text(*answer), R"({"ok":true})");
    ASSERT_EQ(agent.requests().size(), 1u);
    EXPECT_EQ(agent.requests()[0],
              "POST /v1/reload HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
              "Content-Type: application/json\r\nContent-Length: 15\r\n\r\n{\"key\":\"value\"}");
}

TEST(Client, returns_text_unparsed) {
    CannedAgent agent([](const std::string&) { return http(200, "# metrics\n"); });
    EXPECT_EQ(request_text(at(agent), "GET", "/v1/metrics", nullptr), "# metrics\n");
    EXPECT_EQ(agent.requests()[0],
              "GET /v1/metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
}

TEST(Client, brings_back_large_answers) {
    const std::string large = "{\"text\":\"" + std::string(1'500'000, 'x') + "\"}";
    CannedAgent agent([&](const std::string&) { return http(200, large); });
    const auto answer = request_text(at(agent), "GET", "/v1/status", nullptr);
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(*answer, large);
}

TEST(Client, turns_an_error_document_into_its_problem) {
    const Problem limit{Code::activation_limit_reached, "10 of 10 used", "Call the help desk."};
    CannedAgent agent(
        [&](const std::string&) { return http(409, json::to_text(error_json(limit))); });
    const auto answer = request(at(agent), "GET", "/v1/status", nullptr);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error(), limit);
}

TEST(Client, keeps_the_words_of_a_code_it_does_not_know) {
    CannedAgent agent([](const std::string&) {
        return http(409, R"({"error":{"code":"moon_phase","title":"Wrong moon.","detail":""}})");
    });
    const auto answer = request(at(agent), "GET", "/v1/status", nullptr);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Code::internal);
    EXPECT_EQ(answer.error().detail, "moon_phase: Wrong moon.");
}

TEST(Client, says_so_when_something_else_answers) {
    for (const std::string& foreign :
         {http(404, "<html>not found</html>"), http(500, R"({"message":"docker"})"),
          http(200, "<html>"), std::string("-ERR unknown command\r\n\r\n"), std::string()}) {
        CannedAgent agent([&](const std::string&) { return foreign; });
        const auto answer = request(at(agent), "GET", "/v1/status", nullptr);
        ASSERT_FALSE(answer) << foreign;
        EXPECT_EQ(answer.error().code, Code::agent_unreachable) << foreign;
    }
}

TEST(Client, nobody_there_is_agent_unreachable) {
    const auto answer =
        request({"/nonexistent/agent.sock", seconds{1}}, "GET", "/v1/status", nullptr);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Code::agent_unreachable);
}

TEST(ProblemJson, every_code_survives_the_way_there_and_back) {
    for (const auto& row : all_problems()) {
        const Problem problem{row.code, "the detail", {}};
        EXPECT_EQ(problem_from_error_json(error_json(problem)), problem) << row.name;
    }
}

TEST(ProblemJson, other_documents_are_no_errors) {
    EXPECT_FALSE(problem_from_error_json(nullptr));
    EXPECT_FALSE(problem_from_error_json({{"error", "text"}}));
    EXPECT_FALSE(problem_from_error_json({{"error", {{"detail", "no code"}}}}));
}

}  // namespace
}  // namespace latchkey::localapi
