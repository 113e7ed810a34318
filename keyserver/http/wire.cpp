#include "keyserver/http/wire.h"

#include <boost/beast/http/error.hpp>

#include <array>

#include "keyserver/policy.h"
#include "licensing/messages.h"

namespace latchkey::keyserver {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

std::string header(const WireRequest& request, std::string_view name) {
    const auto found = request.find(beast::string_view(name.data(), name.size()));
    return found == request.end() ? std::string() : std::string(found->value());
}

}  // namespace

HttpRequest to_plain(WireRequest&& request, const std::string& peer) {
    HttpRequest plain;
    plain.method = std::string(request.method_string());
    plain.target = std::string(request.target());
    plain.peer = peer;
    plain.protocol = header(request, licensing::header::kProtocol);
    plain.device = header(request, licensing::header::kDevice);
    plain.proof = header(request, licensing::header::kRequest);
    plain.idempotency_key = header(request, licensing::header::kIdempotency);
    plain.host = header(request, "Host");
    plain.origin = header(request, "Origin");
    plain.fetch_site = header(request, "Sec-Fetch-Site");
    plain.cookie = header(request, "Cookie");
    plain.content_type = header(request, "Content-Type");
    plain.body = std::move(request.body());
    return plain;
}

WireResponse to_wire(HttpResponse&& plain, WallTime now, bool keep_alive) {
    WireResponse response(static_cast<http::status>(plain.status), 11);
    response.set(http::field::date, http_date(now));
    response.set(http::field::server, "latchkey-keyserver");
    response.set(http::field::content_type, plain.content_type);
    response.set(http::field::cache_control, "no-store");
    if (plain.retry_after_s)
        response.set(http::field::retry_after, std::to_string(*plain.retry_after_s));
    for (const auto& [name, value] : plain.headers) response.set(name, value);
    response.keep_alive(keep_alive);
    response.content_length(plain.body.size() + plain.left_out);
    response.body() = std::move(plain.body);
    return response;
}

void leave_body_out(HttpResponse& response) {
    response.left_out = response.body.size();
    response.body.clear();
}

std::optional<Problem> bad_headers(const WireRequest& request) {
    const auto hosts = request.count(http::field::host);
    if (hosts > 1) return Problem{Code::request_invalid, "there is more than one header Host", {}};
    if (hosts == 0 && request.version() >= 11)
        return Problem{
            Code::request_invalid, "the header Host is missing, which HTTP/1.1 asks for", {}};
    return std::nullopt;
}

std::optional<Problem> problem_of(boost::system::error_code ec) {
    if (ec == http::error::body_limit)
        return Problem{Code::request_too_large,
                       "a body has at most " + std::to_string(licensing::kMaxBodyBytes) + " bytes",
                       {}};
    if (ec == http::error::header_limit)
        return Problem{Code::request_too_large,
                       "headers have at most " + std::to_string(kMaxHeaderBytes) + " bytes",
                       {}};
    const bool gone = ec == http::error::end_of_stream || ec == http::error::partial_message;
    if (ec.category() == make_error_code(http::error::bad_method).category() && !gone)
        return Problem{Code::request_invalid, "this is not HTTP/1.1: " + ec.message(), {}};
    return std::nullopt;
}

HttpResponse plain_refusal(const Problem& problem) {
    return {
        .status = info(problem.code).http_status,
        .content_type = "application/problem+json",
        .body = json::to_text(licensing::to_json(licensing::ProblemDocument{problem, {}, {}, {}})),
        .retry_after_s = {},
        .code = info(problem.code).name};
}

std::string http_date(WallTime time) {
    constexpr std::array kDays{"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};  // 1970 on
    constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto days = std::chrono::floor<Days>(time.time_since_epoch()).count();
    const std::string text = format_rfc3339(time);  // 1994-11-06T08:49:37Z
    const auto month = static_cast<std::size_t>((text[5] - '0') * 10 + (text[6] - '0'));
    return std::string(kDays[static_cast<std::size_t>((days % 7 + 7) % 7)]) + ", " +
           text.substr(8, 2) + " " + kMonths.at(month - 1) + " " + text.substr(0, 4) + " " +
           text.substr(11, 8) + " GMT";
}

}  // namespace latchkey::keyserver
