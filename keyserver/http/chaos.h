#pragma once

// `serve --chaos`: some requests meet what any key server on any network may do to them, so that
// whoever builds an agent, or a proxy before the key server, sees that nothing is spent twice and
// nobody is left without a next attempt. Every failure is a legal one: refusals that may pass, and
// requests and answers that are lost. Nothing that is signed is ever wrong.

#include <cstdint>
#include <functional>

#include "keyserver/http/http.h"

namespace latchkey::keyserver {

/// Of 100 requests, so many meet a failure, one kind as likely as another.
inline constexpr double kChaosShare = 0.05;

enum class Mishap : std::uint8_t {
    none,
    rate_limited,  ///< 429 with Retry-After; nothing was decided
    unavailable,   ///< 503 with Retry-After; nothing was decided
    request_lost,  ///< the connection is closed; nothing was decided
    reply_lost,    ///< decided, and the connection is closed
    reply_cut,     ///< decided, and half of the answer is sent
};

class Chaos final : public HttpHandler {
public:
    /// `draw` answers a number in [0, 1) each time, from any thread. `inner` outlives it.
    Chaos(HttpHandler& inner, double share, std::function<double()> draw)
        : inner_(inner), share_(share), draw_(std::move(draw)) {}

    std::optional<HttpResponse> quick(const HttpRequest& request) override;
    HttpResponse answer(const HttpRequest& request) override;
    void arrives(HttpRequest& request) override { inner_.arrives(request); }
    void answered(const HttpRequest& request, const HttpResponse& response) override {
        inner_.answered(request, response);
    }
    void connections(std::size_t open) override { inner_.connections(open); }
    std::optional<HttpResponse> refused(const Problem& problem) override {
        return inner_.refused(problem);
    }

private:
    Mishap drawn(const HttpRequest& request) const;

    HttpHandler& inner_;
    double share_;
    std::function<double()> draw_;
};

}  // namespace latchkey::keyserver
