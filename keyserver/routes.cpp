#include "keyserver/routes.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>

#include "base/printable.h"
#include "keyserver/remedies.h"

namespace latchkey::keyserver {
namespace {

constexpr std::string_view kActivations = "/v1/activations";
constexpr std::string_view kPreview = "/v1/activations/preview";
constexpr std::string_view kRearms = "/v1/rearms";
constexpr std::string_view kRedeem = "/v1/tokens/redeem";
constexpr std::string_view kLicenses = "/v1/licenses/";
constexpr std::string_view kRenew = "/renew";
constexpr std::string_view kRead = "GET, HEAD";
constexpr std::size_t kLongestShownPath = 128;

HttpResponse respond(int status, const json::bj::value& body) {
    return {.status = status,
            .content_type = "application/json",
            .body = json::to_text(body),
            .retry_after_s = {}};
}

HttpResponse respond_problem(Code code, const json::bj::value& body,
                             std::optional<std::int64_t> retry_after_s) {
    return {.status = info(code).http_status,
            .content_type = "application/problem+json",
            .body = json::to_text(body),
            .retry_after_s = retry_after_s,
            .code = info(code).name};
}

HttpResponse respond_problem(licensing::ProblemDocument document) {
    document.problem = as_answered(std::move(document.problem));
    if (document.problem.code == Code::keyserver_unavailable && !document.retry_after_s)
        document.retry_after_s = kStorageRetrySeconds;
    return respond_problem(document.problem.code, licensing::to_json(document),
                           document.retry_after_s);
}

HttpResponse respond_problem(Problem problem) {
    return respond_problem(licensing::ProblemDocument{std::move(problem), {}, {}, {}});
}

bool is_token(std::string_view text, std::size_t min, std::size_t max) {
    return text.size() >= min && text.size() <= max &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_';
           });
}

std::pair<std::string_view, std::string_view> split_query(std::string_view target) {
    const auto mark = target.find('?');
    if (mark == std::string_view::npos) return {target, {}};
    return {target.substr(0, mark), target.substr(mark + 1)};
}

bool is_license_id(std::string_view text) { return is_token(text, 1, 64); }

/// Something is there: under that name in metrics, without ids, so that there are few; and it
/// answers these methods.
struct Place {
    std::string_view name;
    std::string_view methods;
};

constexpr std::array kPlaces{Place{"/v1/time", kRead},
                             Place{"/v1/weights", kRead},
                             Place{"/.well-known/latchkey", kRead},
                             Place{"/healthz", kRead},
                             Place{"/readyz", kRead},
                             Place{"/metrics", kRead},
                             Place{kActivations, "POST"},
                             Place{kPreview, "POST"},
                             Place{kRearms, "POST"},
                             Place{kRedeem, "POST"},
                             Place{licensing::kTpmChallengePath, "POST"}};

std::optional<Place> place_at(std::string_view path) {
    for (const auto& place : kPlaces)
        if (path == place.name) return place;
    if (!path.starts_with(kLicenses)) return std::nullopt;
    std::string_view license = path.substr(kLicenses.size());
    const bool renew = license.ends_with(kRenew);
    if (renew) license.remove_suffix(kRenew.size());
    if (!is_license_id(license)) return std::nullopt;
    return renew ? Place{"/v1/licenses/{id}/renew", "POST"} : Place{"/v1/licenses/{id}", "DELETE"};
}

bool answers(const Place& place, std::string_view method) {
    return place.methods == kRead ? method == "GET" || method == "HEAD" : method == place.methods;
}

HttpResponse no_such_method(const Place& place) {
    const std::string methods(place.methods);
    auto response = respond_problem(Problem{Code::method_not_allowed, "it answers " + methods, {}});
    response.headers.emplace_back("Allow", methods);
    return response;
}

}  // namespace

Routes::Routes(Store& store, KeyKeeper& keys, const Policy& policy, const platform::Clock& clock)
    : store_(store),
      keys_(keys),
      policy_(policy),
      clock_(clock),
      limiter_(kRequestBurst, kRequestsPerSecond, kMaxBuckets),
      ledger_limiter_(kLedgerBurst, kLedgersPerSecond, kMaxBuckets) {}

std::optional<Routes::Route> Routes::find_route(std::string_view method, std::string_view path) {
    if (method == "POST" && path == kActivations) return Route{Verb::activate, {}};
    if (method == "POST" && path == kPreview) return Route{Verb::preview, {}};
    if (method == "POST" && path == kRearms) return Route{Verb::rearms, {}};
    if (method == "POST" && path == kRedeem) return Route{Verb::redeem, {}};
    if (method == "POST" && path == licensing::kTpmChallengePath)
        return Route{Verb::tpm_challenge, {}};
    if (!path.starts_with(kLicenses)) return std::nullopt;
    std::string_view license = path.substr(kLicenses.size());
    const bool renew = method == "POST" && license.ends_with(kRenew);
    if (renew) license.remove_suffix(kRenew.size());
    if (!is_license_id(license) || (!renew && method != "DELETE")) return std::nullopt;
    return Route{renew ? Verb::renew : Verb::release, std::string(license)};
}

std::optional<HttpResponse> Routes::quick(const HttpRequest& request) {
    const auto [path, query] = split_query(request.target);
    const auto place = place_at(path);
    if (!place)
        return respond_problem(
            Problem{Code::path_unknown,
                    "this key server has no " + printable(path.substr(0, kLongestShownPath)),
                    {}});
    if (!answers(*place, request.method)) return no_such_method(*place);
    if (place->methods == kRead) return public_answer(path, query);
    if (request.target != path)
        return respond_problem(Problem{Code::path_unknown, "this path takes no query", {}});
    return too_often(request);
}

/// nullopt: it takes the store.
std::optional<HttpResponse> Routes::public_answer(std::string_view path, std::string_view query) {
    if (path == "/readyz") return std::nullopt;
    if (path == "/v1/time") return challenge(query);
    if (path == "/.well-known/latchkey") return trust();
    if (path == "/v1/weights") return weights();
    if (path == "/healthz") return respond(200, json::bj::object{{"status", "ok"}});
    return HttpResponse{
        .status = 200,
        .content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8",
        .body = metrics_.text(),
        .retry_after_s = {}};
}

std::optional<HttpResponse> Routes::too_often(const HttpRequest& request) {
    const SinceBoot now = clock_.now().since_boot;
    const auto limited = [](const char* who, seconds wait) {
        return respond_problem(
            licensing::ProblemDocument{{Code::rate_limited, who, {}}, {}, {}, wait.count()});
    };
    if (const auto wait = limiter_.take(request.device + ' ' + request.peer, now))
        return limited("this device asks too often", *wait);
    // A ledger needs no product key, and anybody can make device keys.
    if (request.target != kRearms) return std::nullopt;
    if (const auto wait = ledger_limiter_.take(request.peer, now))
        return limited("too many machines at this address ask for their grace", *wait);
    return std::nullopt;
}

std::optional<HttpResponse> Routes::refused(const Problem& problem) {
    return respond_problem(problem);
}

HttpResponse Routes::answer(const HttpRequest& request) {
    const auto route = find_route(request.method, request.target);
    return route ? signed_exchange(*route, request) : ready();
}

void Routes::answered(const HttpRequest& request, const HttpResponse& response) {
    const auto path = split_query(request.target).first;
    const Duration took = clock_.now().since_boot - request.arrived;
    const auto place = place_at(path);
    metrics_.answered(place ? place->name : "other", response.status, took);
    if (!access_log_) return;
    access_log_->write({.at = clock_.now().wall,
                        .peer = request.peer,
                        .method = request.method,
                        .path = path,
                        .status = response.status,
                        .code = response.code,
                        .device = request.device,
                        .bytes = response.body.size(),
                        .took = took});
}

/// What somebody put into the directory a moment ago is what is served.
std::shared_ptr<const KeyRoom> Routes::newest_room() {
    const auto clock = clock_.now();
    keys_.look(as_server(clock.wall), clock.since_boot);
    return keys_.room();
}

HttpResponse Routes::challenge(std::string_view query) {
    constexpr std::string_view kNonce = "nonce=";
    if (!query.starts_with(kNonce) || !licensing::is_nonce(query.substr(kNonce.size())))
        return respond_problem(Problem{
            Code::request_invalid, "?nonce= must be 16 to 64 letters, digits, '-' or '_'", {}});
    const auto room = newest_room();
    const licensing::Challenge challenge{room->publisher().id,
                                         std::string(query.substr(kNonce.size())),
                                         as_server(clock_.now().wall)};
    return respond(
        200,
        json::bj::object{{"challenge", licensing::sign_challenge(room->signing_key(), challenge)}});
}

HttpResponse Routes::trust() {
    const auto room = newest_room();
    auto bundle = room->trust_bundle();
    if (!room->weights().jws.empty()) bundle.weights_version = room->weights().table.version;
    return respond(200, licensing::to_json(bundle));
}

HttpResponse Routes::weights() {
    const auto room = newest_room();
    const auto& in_force = room->weights();
    if (in_force.jws.empty())
        return respond_problem(
            Problem{Code::record_unknown, "the publisher has no evidence table of its own",
                    "Nothing to do: machines are compared by the table built in."});
    return respond(200, json::bj::object{{"weights", in_force.jws}});
}

HttpResponse Routes::ready() {
    if (const auto ready = readiness_.ask(store_, clock_.now()); !ready)
        return respond_problem(ready.error());
    return respond(200, json::bj::object{{"status", "ready"}});
}

HttpResponse Routes::signed_exchange(const Route& route, const HttpRequest& request) {
    const ServerTime now = as_server(clock_.now().wall);
    const auto room = keys_.room();
    const auto proven = prove(request, *room, now);
    if (!proven) return respond_problem(proven.error());
    auto message = unsealed_message(request, *room, now);
    const Outcome outcome =
        message ? run(route, *room, *proven, *message, now) : refuse(message.error());
    if (message) licensing::wipe(*message);
    note(route, *proven, outcome);
    return sign(*room, *proven, outcome, now);
}

Outcome Routes::run(const Route& route, const KeyRoom& room, const ProvenRequest& request,
                    const std::string& message, ServerTime now) {
    DecisionService decisions(store_, room, policy_);
    switch (route.verb) {
        case Verb::activate:
            return decisions.activate(request, message, now);
        case Verb::preview:
            return decisions.preview(request, message, now);
        case Verb::renew:
            return decisions.renew(route.license, request, message, now);
        case Verb::release:
            return decisions.release(route.license, request, message, now);
        case Verb::rearms:
            return decisions.rearms(request, message, now);
        case Verb::redeem:
            return decisions.redeem(request, message, now);
        case Verb::tpm_challenge:
            return decisions.tpm_challenge(request, message, now);
    }
    return refuse({Code::internal, "no such route", {}});
}

void Routes::note(const Route& route, const ProvenRequest& request, const Outcome& outcome) {
    const std::string_view what =
        outcome ? (outcome->replayed ? "replayed" : "done") : outcome.error().problem.name();
    const auto device = request.device.substr(0, 8);
    spdlog::info("{} {} by device {}…: {}", request.proof.method, request.proof.path, device, what);
    if (!outcome && info(outcome.error().problem.code).http_status >= 500)
        spdlog::error("{}: {}", what, outcome.error().problem.detail);
    if (route.verb == Verb::activate) metrics_.decided(what);
}

/// Successes and final refusals are signed; what may succeed later is only a hint and is not.
HttpResponse Routes::sign(const KeyRoom& room, const ProvenRequest& request, const Outcome& outcome,
                          ServerTime now) {
    const auto seal = [&](int status, json::bj::value body) {
        return licensing::sign_reply(room.signing_key(),
                                     {.nonce = request.proof.nonce,
                                      .request_hash = licensing::request_hash(request.proof_jws),
                                      .server_time = now,
                                      .status = status,
                                      .body = std::move(body)});
    };
    if (outcome)
        return respond(outcome->status,
                       json::bj::object{{"reply", seal(outcome->status, outcome->body)}});
    licensing::ProblemDocument refusal = outcome.error();
    refusal.problem = as_answered(std::move(refusal.problem));
    if (refusal.problem.retryable()) return respond_problem(std::move(refusal));
    const int status = info(refusal.problem.code).http_status;
    json::bj::value document = licensing::to_json(refusal);
    const std::string reply = seal(status, document);
    document.as_object()["reply"] = reply;
    return respond_problem(refusal.problem.code, document, refusal.retry_after_s);
}

}  // namespace latchkey::keyserver
