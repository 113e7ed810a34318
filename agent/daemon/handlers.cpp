#include "agent/daemon/handlers.h"

#include <algorithm>
#include <array>

#include "agent/daemon/log.h"

namespace latchkey::daemon {
namespace {

namespace asio = boost::asio;
using localapi::failed;
using localapi::Request;
using localapi::Response;

constexpr std::size_t kMaxProductId = 64;

bool is_one_of(std::string_view verb, std::initializer_list<std::string_view> verbs) {
    return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
}

bool is_reading(const Route& route) {
    return route.method == "GET" && route.product.empty() &&
           is_one_of(route.verb, {"status", "health", "history", "metrics", "config"});
}

/// For the product itself, whoever runs it.
bool is_for_products(const Route& route) {
    if (route.product.empty()) return false;
    return route.method == "GET" ? route.verb == "license"
                                 : is_one_of(route.verb, {"attest", "used"});
}

bool is_changing(const Route& route) {
    if (route.method != "POST") return false;
    return route.product.empty()
               ? is_one_of(route.verb, {"reload", "generalize", "redeem", "doctor"})
               : is_one_of(route.verb,
                           {"activate", "deactivate", "rearm", "explain", "fingerprint"});
}

Response nothing_there(const Request& request) {
    return failed({Code::record_unknown, request.method + " " + printable(request.path), {}});
}

asio::awaitable<Response> answer(Agent& agent, Request request) {
    const auto route = route_of(request);
    if (!route && request.path.starts_with("/v1/products/")) {
        const Problem odd{Code::product_unknown, "no product has that name", {}};
        co_return failed(odd);
    }
    if (!route || (route->method != "GET" && route->method != "POST"))
        co_return nothing_there(request);
    const bool for_images = is_reading(*route) || is_one_of(route->verb, {"reload", "generalize"});
    if (agent.image() != nullptr && !for_images) {
        const Problem asleep{Code::generalized, route->verb, {}};
        co_return failed(asleep);
    }
    if (is_reading(*route)) co_return read_request(agent, *route, request);
    if (is_for_products(*route)) co_return product_request(agent, *route, request);
    if (!is_changing(*route)) co_return nothing_there(request);
    if (!request.peer.administrator) {
        const Problem refused{Code::not_permitted, route->verb, {}};
        co_return failed(refused);
    }
    co_return co_await change_request(agent, *route, std::move(request));
}

}  // namespace

std::optional<Route> route_of(const Request& request) {
    constexpr std::string_view kPrefix = "/v1/";
    constexpr std::string_view kProducts = "products/";
    std::string_view rest = request.path;
    if (!rest.starts_with(kPrefix)) return std::nullopt;
    rest.remove_prefix(kPrefix.size());
    Route route{request.method, {}, std::string(rest)};
    if (!rest.starts_with(kProducts)) return route;
    rest.remove_prefix(kProducts.size());
    const auto slash = rest.find('/');
    if (slash == std::string_view::npos || slash == 0 || slash > kMaxProductId) return std::nullopt;
    route.product = rest.substr(0, slash);
    route.verb = rest.substr(slash + 1);
    return route;
}

Result<void> read_nothing(const json::bj::value& body) {
    if (body.is_null()) return {};
    json::ObjectReader in(body, "request");
    if (auto bad = in.finish(json::ObjectReader::Unknown::refused)) return fail(*bad);
    return {};
}

localapi::Handler make_handler(Agent& agent) {
    return [&agent](Request request) -> asio::awaitable<Response> {
        return answer(agent, std::move(request));
    };
}

}  // namespace latchkey::daemon
