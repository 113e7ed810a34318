#pragma once

// From HTTP to decisions and back: which path means what, who may ask how often, how answers and
// refusals are signed (docs/keyserver-api.yaml).

#include <optional>
#include <string>
#include <string_view>

#include "keyserver/decisions/decisions.h"
#include "keyserver/http/access_log.h"
#include "keyserver/http/http.h"
#include "keyserver/http/rate_limit.h"
#include "keyserver/keys/key_keeper.h"
#include "keyserver/metrics.h"
#include "keyserver/readiness.h"
#include "platform/clock.h"

namespace latchkey::keyserver {

class Routes final : public HttpHandler {
public:
    /// Everything must outlive it.
    Routes(Store& store, KeyKeeper& keys, const Policy& policy, const platform::Clock& clock);

    std::optional<HttpResponse> quick(const HttpRequest& request) override;
    HttpResponse answer(const HttpRequest& request) override;
    void arrives(HttpRequest& request) override { request.arrived = clock_.now().since_boot; }
    void answered(const HttpRequest& request, const HttpResponse& response) override;
    void connections(std::size_t open) override { metrics_.connections(open); }
    std::optional<HttpResponse> refused(const Problem& problem) override;

    /// The console's answers are counted there, too.
    Metrics& metrics() { return metrics_; }

    /// From now on; it must outlive the routes.
    void log_to(AccessLog& log) { access_log_ = &log; }

private:
    enum class Verb { activate, preview, renew, release, rearms, redeem, tpm_challenge };
    struct Route {
        Verb verb;
        std::string license;  ///< renew and release
    };

    static std::optional<Route> find_route(std::string_view method, std::string_view path);
    std::optional<HttpResponse> public_answer(std::string_view path, std::string_view query);
    std::optional<HttpResponse> too_often(const HttpRequest& request);
    HttpResponse challenge(std::string_view query);
    HttpResponse trust();
    HttpResponse weights();
    std::shared_ptr<const KeyRoom> newest_room();
    HttpResponse ready();
    HttpResponse signed_exchange(const Route& route, const HttpRequest& request);
    Outcome run(const Route& route, const KeyRoom& room, const ProvenRequest& request,
                const std::string& message, ServerTime now);
    void note(const Route& route, const ProvenRequest& request, const Outcome& outcome);
    static HttpResponse sign(const KeyRoom& room, const ProvenRequest& request,
                             const Outcome& outcome, ServerTime now);

    Store& store_;
    KeyKeeper& keys_;
    const Policy& policy_;
    const platform::Clock& clock_;
    // Both are used on the network thread only.
    RateLimiter limiter_;
    RateLimiter ledger_limiter_;  ///< by address alone
    Metrics metrics_;
    Readiness readiness_;
    AccessLog* access_log_ = nullptr;
};

}  // namespace latchkey::keyserver
