#include "keyserver/http/chaos.h"

#include "licensing/messages.h"

namespace latchkey::keyserver {
namespace {

constexpr int kMishaps = 5;
constexpr std::int64_t kRetryAfterSeconds = 2;

HttpResponse refusal(Code code) {
    return {.status = info(code).http_status,
            .content_type = "application/problem+json",
            .body = json::to_text(licensing::to_json(licensing::ProblemDocument{
                {code, "this key server runs with --chaos", {}}, {}, {}, kRetryAfterSeconds})),
            .retry_after_s = kRetryAfterSeconds,
            .code = info(code).name};
}

/// What is answered before anything is decided; nullopt: it is decided.
std::optional<HttpResponse> instead_of_deciding(Mishap mishap) {
    switch (mishap) {
        case Mishap::rate_limited:
            return refusal(Code::rate_limited);
        case Mishap::unavailable:
            return refusal(Code::keyserver_unavailable);
        case Mishap::request_lost: {
            HttpResponse nothing = refusal(Code::keyserver_unavailable);
            nothing.delivery = Delivery::none;
            return nothing;
        }
        case Mishap::none:
        case Mishap::reply_lost:
        case Mishap::reply_cut:
            return std::nullopt;
    }
    return std::nullopt;
}

HttpResponse on_its_way(HttpResponse response, Mishap mishap) {
    if (mishap == Mishap::reply_lost) response.delivery = Delivery::none;
    if (mishap == Mishap::reply_cut) response.delivery = Delivery::cut_short;
    return response;
}

}  // namespace

/// Whoever watches over the server is told the truth.
Mishap Chaos::drawn(const HttpRequest& request) const {
    const bool is_agents =
        request.target.starts_with("/v1/") || request.target.starts_with("/.well-known/latchkey");
    const double number = is_agents ? draw_() : 1.0;
    if (number >= share_) return Mishap::none;
    return static_cast<Mishap>(1 + static_cast<int>(number / share_ * kMishaps));
}

std::optional<HttpResponse> Chaos::quick(const HttpRequest& request) {
    auto response = inner_.quick(request);
    if (!response) return std::nullopt;  // answer() draws
    const Mishap mishap = drawn(request);
    if (auto instead = instead_of_deciding(mishap)) return instead;
    return on_its_way(std::move(*response), mishap);
}

HttpResponse Chaos::answer(const HttpRequest& request) {
    const Mishap mishap = drawn(request);
    if (auto instead = instead_of_deciding(mishap)) return std::move(*instead);
    return on_its_way(inner_.answer(request), mishap);
}

}  // namespace latchkey::keyserver
