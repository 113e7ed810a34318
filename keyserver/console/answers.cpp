#include "keyserver/console/answers.h"

#include "keyserver/policy.h"
#include "keyserver/remedies.h"

namespace latchkey::keyserver::console {
namespace {

constexpr int kSeeOther = 303;

HttpResponse guarded(int status, std::string content_type, std::string body) {
    return {
        .status = status,
        .content_type = std::move(content_type),
        .body = std::move(body),
        .retry_after_s = {},
        .headers = {{"Content-Security-Policy",
                     "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
                     "frame-ancestors 'none'; base-uri 'none'"},
                    {"X-Content-Type-Options", "nosniff"},
                    {"X-Frame-Options", "DENY"},
                    {"Referrer-Policy", "no-referrer"},
                    {"Cross-Origin-Opener-Policy", "same-origin"},
                    {"Cross-Origin-Resource-Policy", "same-origin"}}};
}

/// What the reader of a page can do about our own disk or database: look at our log.
bool is_our_own(const Problem& problem) { return info(problem.code).http_status >= 500; }

}  // namespace

HttpResponse page_response(const Html& page, int status) {
    return guarded(status, "text/html; charset=utf-8", page.markup());
}

HttpResponse go_to(const std::string& target) {
    auto response = guarded(kSeeOther, "text/plain; charset=utf-8", "");
    response.headers.emplace_back("Location", target);
    return response;
}

HttpResponse file_response(std::string_view content, std::string content_type) {
    return guarded(200, std::move(content_type), std::string(content));
}

namespace {

/// What the reader of a browser can do about it.
HttpResponse problem_page_of(const Visitor& visitor, const Problem& problem) {
    if (is_our_own(problem)) {
        auto response =
            page_response(problem_page(visitor, "The key server's records cannot be read now", {},
                                       "Try again in a moment. If it stays so, look at the key "
                                       "server's log: it says why."),
                          503);
        response.retry_after_s = kStorageRetrySeconds;
        return response;
    }
    if (problem.code == Code::record_unknown || problem.code == Code::entitlement_unknown)
        return page_response(problem_page(visitor, "There is no such record", problem.detail,
                                          "Look for it in the lists; it may never have been here."),
                             404);
    const Problem told = with_remedy(problem);
    return page_response(
        problem_page(visitor, told.title(), told.detail, told.remedy_text()),
        info(problem.code).http_status >= 400 ? info(problem.code).http_status : 400);
}

}  // namespace

HttpResponse problem_response(const Visitor& visitor, const Problem& problem) {
    auto response = problem_page_of(visitor, problem);
    response.code = info(problem.code).name;
    return response;
}

HttpResponse no_such_field(const Visitor& visitor, const std::string& name) {
    auto response = page_response(
        problem_page(visitor, "This page cannot be asked that way",
                     "\"" + name + "\" in the address says nothing here.",
                     "Use the links and forms of the pages, or take it out of the address."),
        400);
    response.code = info(Code::request_invalid).name;
    return response;
}

HttpResponse no_such_page(const Visitor& visitor) {
    return page_response(problem_page(visitor, "There is no such page", {},
                                      "Check the address, or begin at the overview."),
                         404);
}

HttpResponse foreign_form(const Visitor& visitor) {
    return page_response(
        problem_page(visitor, "This form did not come from a page of this console",
                     "Nothing was changed.",
                     "Go back, load the page again, and send the form from there. A proxy in "
                     "between must keep the Host header (docs/console.md)."),
        403);
}

}  // namespace latchkey::keyserver::console
