#include "licensing/envelope.h"

#include "licensing/fields.h"

namespace latchkey::licensing {
namespace {

using json::ObjectReader;

constexpr std::size_t kMaxDetailBytes = 2048;
constexpr std::int64_t kMaxRetryAfterSeconds = 30 * 86400;

void put(json::bj::object& out, std::string_view name, std::optional<std::int64_t> value) {
    if (value) out.emplace(json::bj::string_view(name.data(), name.size()), *value);
}

}  // namespace

bool is_nonce(std::string_view text) {
    return text.size() >= kMinNonceBytes && fields::is_token(text) &&
           text.find('.') == std::string_view::npos;
}

json::bj::value to_json(const SealedBody& body) {
    return json::bj::object{{"publisher", body.publisher}, {"sealed", body.sealed}};
}

Result<SealedBody> parse_sealed_body(std::string_view body) {
    const auto value = json::parse_strict(body, {.max_bytes = kMaxBodyBytes, .max_depth = 2});
    if (!value) return fail(value.error());
    ObjectReader in(*value, "request body");
    SealedBody sealed;
    sealed.publisher = fields::text(in, "publisher", fields::kMaxIdBytes, fields::is_publisher_id);
    sealed.sealed = in.string("sealed", kMaxBodyBytes);
    if (auto bad = in.finish(ObjectReader::Unknown::refused)) return fail(*bad);
    return sealed;
}

json::bj::value to_json(const ProblemDocument& document) {
    const auto& problem = document.problem;
    json::bj::object out{{"type", "urn:latchkey:problem:" + std::string(problem.name())},
                         {"title", fields::json_text(problem.title())},
                         {"status", info(problem.code).http_status},
                         {"detail", problem.detail},
                         {"code", fields::json_text(problem.name())},
                         {"retryable", problem.retryable()},
                         {"remedy", fields::json_text(problem.remedy_text())}};
    put(out, "used", document.used);
    put(out, "limit", document.limit);
    put(out, "retry_after_s", document.retry_after_s);
    return out;
}

Result<ProblemDocument> problem_from_json(const json::bj::value& value) {
    ObjectReader in(value, "problem");
    const auto code_name = fields::text(in, "code", fields::kMaxIdBytes, fields::is_token);
    const auto title = in.optional_string("title", kMaxDetailBytes).value_or("");
    auto detail = in.optional_string("detail", kMaxDetailBytes).value_or("");
    auto remedy = in.optional_string("remedy", kMaxDetailBytes).value_or("");
    ProblemDocument document;
    document.used = in.optional_integer("used", 0, fields::kMaxCount);
    document.limit = in.optional_integer("limit", 0, fields::kMaxCount);
    document.retry_after_s = in.optional_integer("retry_after_s", 0, kMaxRetryAfterSeconds);
    if (auto bad = in.finish(ObjectReader::Unknown::ignored)) return fail(*bad);
    const auto code = code_from_name(code_name);
    if (!code) {
        document.problem.detail = "the key server answered " + code_name + ": " + title +
                                  (detail.empty() ? "" : " (" + detail + ")");
        document.problem.remedy = std::move(remedy);
        return document;
    }
    document.problem.code = *code;
    document.problem.detail = std::move(detail);
    if (remedy != info(*code).remedy) document.problem.remedy = std::move(remedy);
    return document;
}

}  // namespace latchkey::licensing
