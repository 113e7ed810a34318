#include "agent/localapi/problem_json.h"

namespace latchkey::localapi {
namespace {

constexpr std::size_t kMaxCode = 64;
constexpr std::size_t kMaxWords = 4096;

Problem read_problem(json::ObjectReader& in) {
    Problem problem;
    const std::string code = in.string("code", kMaxCode);
    problem.detail = in.optional_string("detail", kMaxWords).value_or("");
    const auto remedy = in.optional_string("remedy", kMaxWords).value_or("");
    if (const auto known = code_from_name(code)) {
        problem.code = *known;
    } else {
        const auto title = in.optional_string("title", kMaxWords).value_or("");
        problem.code = Code::internal;
        problem.detail = code + ": " + (problem.detail.empty() ? title : problem.detail);
    }
    if (remedy != info(problem.code).remedy) problem.remedy = remedy;
    return problem;
}

}  // namespace

json::bj::value error_json(const Problem& problem) {
    return {{"schema_version", "1.0"},
            {"error",
             {{"code", problem.name()},
              {"title", problem.title()},
              {"detail", problem.detail},
              {"retryable", problem.retryable()},
              {"remedy", problem.remedy_text()}}}};
}

std::optional<Problem> problem_from_error_json(const json::bj::value& value) {
    json::ObjectReader document(value, "answer");
    const json::bj::value* error = document.object("error");
    if (error == nullptr) return std::nullopt;
    json::ObjectReader in(*error, "error");
    Problem problem = read_problem(in);
    if (!in.ok()) return std::nullopt;
    return problem;
}

}  // namespace latchkey::localapi
