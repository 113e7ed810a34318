#include "agent/localapi/client.h"

#include <array>

#include "agent/localapi/http_answer.h"
#include "agent/localapi/problem_json.h"
#include "base/encoding.h"
#include "platform/endpoint/local_client.h"

namespace latchkey::localapi {
namespace {

/// A status of a thousand products is about a megabyte.
constexpr std::size_t kMaxAnswer = 4u << 20;
constexpr std::size_t kPiece = 16 * 1024;

std::string request_bytes(std::string_view method, std::string_view target,
                          const json::bj::value* body) {
    std::string out;
    out.reserve(256);
    out.append(method).append(" ").append(target);
    out += " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
    if (body == nullptr) return out += "\r\n";
    const std::string text = json::to_text(*body);
    out += "Content-Type: application/json\r\nContent-Length: ";
    out += std::to_string(text.size());
    return out.append("\r\n\r\n").append(text);
}

Result<void> read_answer(platform::LocalClient& client, HttpAnswer& answer) {
    std::array<std::uint8_t, kPiece> piece;
    for (;;) {
        const auto got = client.read_some(piece);
        if (!got) return fail(got.error());
        if (*got == 0) return answer.end();
        const auto complete = answer.add({reinterpret_cast<const char*>(piece.data()), *got});
        if (!complete) return fail(complete.error());
        if (*complete) return {};
    }
}

json::Limits answer_limits() {
    return {.max_bytes = kMaxAnswer, .max_depth = 16, .allow_doubles = true};
}

Problem refused(int status, std::string_view body) {
    if (const auto document = json::parse_strict(body, answer_limits()))
        if (auto problem = problem_from_error_json(*document)) return *std::move(problem);
    return {Code::agent_unreachable,
            "what answers there is not the agent: HTTP status " + std::to_string(status),
            {}};
}

/// The agent has the whole request.
Problem unanswered(Problem problem) {
    if (problem.detail == platform::kNoAnswerInTime)
        problem.remedy =
            "The agent is still at it and goes on by itself: see 'latchkey status'. --timeout "
            "waits longer.";
    return problem;
}

}  // namespace

Result<std::string> request_text(const ClientOptions& options, std::string_view method,
                                 std::string_view target, const json::bj::value* body) {
    auto client = platform::connect_local(options.endpoint, options.timeout);
    if (!client) return fail(std::move(client.error()));
    HttpAnswer answer(kMaxAnswer);
    // An agent that refuses early (too many connections) answers and closes before it has read
    // everything: what it said tells more than our broken pipe.
    const auto sent = (*client)->write(as_bytes(request_bytes(method, target, body)));
    if (auto received = read_answer(**client, answer); !received)
        return fail(sent ? unanswered(std::move(received.error())) : sent.error());
    std::string text = answer.take_body();
    if (answer.status() >= 200 && answer.status() <= 299) return text;
    return fail(refused(answer.status(), text));
}

Result<json::bj::value> request(const ClientOptions& options, std::string_view method,
                                std::string_view target, const json::bj::value* body) {
    const auto text = request_text(options, method, target, body);
    if (!text) return fail(text.error());
    auto document = json::parse_strict(*text, answer_limits());
    if (!document)
        return fail(Code::agent_unreachable,
                    "what answers there is not the agent: " + document.error().detail);
    return document;
}

}  // namespace latchkey::localapi
