#include "keyserver/console/console.h"

#include <spdlog/spdlog.h>

#include "keyserver/console/addresses.h"
#include "keyserver/console/answers.h"
#include "keyserver/console/assets.h"

namespace latchkey::keyserver::console {
namespace {

constexpr std::string_view kFormType = "application/x-www-form-urlencoded";

bool is_form(const HttpRequest& request) { return request.content_type.starts_with(kFormType); }

std::string local_or_home(const std::string& next) { return is_local(next) ? next : "/"; }

}  // namespace

Console::Console(Store& store, const KeyKeeper& keys, const platform::Clock& clock,
                 admin::Office& office, const std::filesystem::path& directory,
                 AtTheStore at_the_store)
    : store_(store),
      keys_(keys),
      clock_(clock),
      office_(office),
      at_the_store_(std::move(at_the_store)),
      door_(directory) {}

Visitor Console::stranger() const { return {false, {}, {}, keys_.room()->publisher().id}; }

std::optional<HttpResponse> Console::quick(const HttpRequest& request) {
    if (request.method != "GET") return std::nullopt;
    if (request.target == "/style.css")
        return file_response(style_sheet(), "text/css; charset=utf-8");
    if (request.target == "/icon.svg") return file_response(icon(), "image/svg+xml");
    return std::nullopt;
}

std::optional<HttpResponse> Console::refused(const Problem& problem) {
    return problem_response(stranger(), problem);
}

/// Path alone: neither query nor form, cookie nor token is anybody's business.
void Console::answered(const HttpRequest& request, const HttpResponse& response) {
    const auto now = clock_.now();
    const Duration took = now.since_boot - request.arrived;
    const auto path = std::string_view(request.target).substr(0, request.target.find('?'));
    if (metrics_) metrics_->answered(route_name(path), response.status, took);
    if (!access_log_) return;
    access_log_->write({.at = now.wall,
                        .peer = request.peer,
                        .method = request.method,
                        .path = path,
                        .status = response.status,
                        .code = response.code,
                        .device = {},
                        .bytes = response.body.size(),
                        .took = took});
}

HttpResponse Console::answer(const HttpRequest& request) {
    if (request.method != "GET" && request.method != "POST") {
        auto response = page_response(
            problem_page(stranger(), "Pages are asked for with GET, forms sent with POST", {},
                         "Use the links and buttons of the pages."),
            405);
        response.headers.emplace_back("Allow", "GET, POST");
        return response;
    }
    return routed(request);
}

HttpResponse Console::routed(const HttpRequest& request) {
    auto target = parse_target(request.target);
    if (!target) return no_such_page(stranger());
    if (request.method == "POST" && (!is_form(request) || !from_our_page(request)))
        return foreign_form(stranger());
    const SinceBoot now = clock_.now().since_boot;
    auto guest = door_.guest(request, now);
    if (!guest) {
        spdlog::error("console: {}", guest.error().detail);
        return problem_response(stranger(), {Code::storage_failed, {}, {}});
    }
    const bool at_the_door = target->path.size() == 1 && target->path.front() == "sign-in";
    if (at_the_door && request.method == "POST") return sign_in(request, *target);
    if (at_the_door && *guest) return go_to("/");
    if (at_the_door) return show_sign_in(*target);
    if (!*guest) {
        const bool home = request.method != "GET" || request.target == "/";
        return go_to(home || !is_local(request.target)
                         ? "/sign-in"
                         : "/sign-in?next=" + path_piece(request.target));
    }
    Asked asked{request, std::move(*target), now, std::move(**guest), stranger()};
    asked.visitor.signed_in = true;
    asked.visitor.form_token = asked.guest.session.form_token;
    if (request.method == "POST") return posted(asked);
    asked.visitor.notice = door_.take_notice(asked.guest.token);
    return shown(asked);
}

// --- signing in and out

HttpResponse Console::show_sign_in(const Target& target) const {
    if (const auto odd = odd_field(target)) return no_such_field(stranger(), *odd);
    const auto set = door_.has_credential();
    const std::string next = local_or_home(field(target.query, "next"));
    return page_response(sign_in_page(stranger(), {!set || *set, {}, next}));
}

HttpResponse Console::sign_in(const HttpRequest& request, const Target&) {
    auto fields = parse_fields(request.body);
    if (!fields) return foreign_form(stranger());
    const std::string next = local_or_home(field(*fields, "next"));
    const auto attempt =
        door_.sign_in(request.peer, field(*fields, "password"), clock_.now().since_boot);
    for (auto& each : *fields) licensing::wipe(each.second);
    if (!attempt) {
        spdlog::error("console: {}", attempt.error().detail);
        return problem_response(stranger(), {Code::storage_failed, {}, {}});
    }
    switch (attempt->outcome) {
        case Door::Outcome::in: {
            spdlog::info("console {}: signed in", request.peer);
            door_.sign_out(session_cookie(request));
            auto response = go_to(next);
            response.headers.emplace_back("Set-Cookie", set_cookie(attempt->token));
            return response;
        }
        case Door::Outcome::wrong:
            spdlog::warn("console {}: wrong password", request.peer);
            return page_response(
                sign_in_page(stranger(), {true, "That is not the password.", next}), 403);
        case Door::Outcome::too_often: {
            spdlog::warn("console {}: too many attempts to sign in", request.peer);
            const auto wait = attempt->wait.count();
            auto response =
                page_response(sign_in_page(stranger(), {true,
                                                        "Too many attempts. Try again in " +
                                                            std::to_string(wait) +
                                                            (wait == 1 ? " second." : " seconds."),
                                                        next}),
                              429);
            response.retry_after_s = wait;
            return response;
        }
        case Door::Outcome::no_credential:
            return page_response(sign_in_page(stranger(), {false, {}, next}), 403);
    }
    return no_such_page(stranger());
}

// --- what changes something

HttpResponse Console::posted(const Asked& asked) {
    const auto fields = parse_fields(asked.http.body);
    if (!fields || !same_token(field(*fields, "form_token"), asked.guest.session.form_token))
        return foreign_form(asked.visitor);
    const auto& path = asked.target.path;
    if (path.size() == 1 && path[0] == "sign-out") {
        door_.sign_out(asked.guest.token);
        spdlog::info("console {}: signed out", asked.http.peer);
        auto response = go_to("/sign-in");
        response.headers.emplace_back("Set-Cookie", clear_cookie());
        return response;
    }
    if (path.size() != 3 || path[0] != "machines") return no_such_page(asked.visitor);
    if (path[2] == "release")
        return act(asked, path[1], "release", {},
                   "The machine was released. Its next activation counts.");
    if (path[2] == "resolve") return resolve(asked, path[1], field(*fields, "goes_on"));
    return no_such_page(asked.visitor);
}

HttpResponse Console::resolve(const Asked& asked, const std::string& machine,
                              const std::string& goes_on) {
    if (goes_on != "other" && goes_on != "first") {
        const auto asks = disputed(machine);
        if (!asks) return problem_response(asked.visitor, asks.error());
        if (*asks || !goes_on.empty())
            return page_response(
                problem_page(asked.visitor, "It was not said which of the two goes on",
                             "Nothing was changed.", "Go back and choose one of them."),
                400);
    }
    // Nobody was asked where nothing was disputed: a dispute that began since is not decided so.
    admin::RawArguments arguments;
    if (goes_on != "other") arguments["keep-first"] = {};
    return act(asked, machine, "resolve", std::move(arguments),
               "The machine was resolved. Both agents hear of it when they renew.");
}

HttpResponse Console::act(const Asked& asked, const std::string& machine, const std::string& verb,
                          admin::RawArguments arguments, std::string notice) {
    arguments["id"] = {machine};
    Result<admin::bj::object> done = fail(Code::internal, "it was not tried");
    at_the_store_([&] { done = office_.run({"machine", verb, std::move(arguments)}); });
    spdlog::info("console {}: machine {} {}: {}", asked.http.peer, verb, machine,
                 done ? "done" : done.error().name());
    if (!done) return problem_response(asked.visitor, done.error());
    door_.tell(asked.guest.token, std::move(notice));
    return go_to(machine_path(machine));
}

}  // namespace latchkey::keyserver::console
