#pragma once

// A request and a response as plain values, so that routes know no HTTP library.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/problem.h"
#include "base/time.h"

namespace latchkey::keyserver {

struct HttpRequest {
    std::string method;  ///< upper case
    std::string target;  ///< path and query as sent
    std::string peer;    ///< the client's address, for rate limits
    std::string protocol, device, proof,
        idempotency_key;  ///< licensing::header::*, empty where absent
    std::string body;
    std::string host, origin, fetch_site, cookie,
        content_type;     ///< what browsers send; empty where absent
    SinceBoot arrived{};  ///< HttpHandler::arrives wrote it
};

/// How much of an answer reaches the client (chaos.h).
enum class Delivery : std::uint8_t { whole, cut_short, none };

struct HttpResponse {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::optional<std::int64_t> retry_after_s;
    Delivery delivery = Delivery::whole;
    std::vector<std::pair<std::string, std::string>> headers = {};  ///< further ones
    std::string_view code = {};  ///< a problem's name, for log and metrics; not sent
    std::size_t left_out = 0;    ///< bytes of the body that are told and not sent: HEAD
};

/// Answers requests. `quick` and `answer` are called on different threads.
class HttpHandler {
public:
    virtual ~HttpHandler() = default;
    /// A request was read to its end: notes when. On the network thread, as all but answer().
    virtual void arrives(HttpRequest&) {}
    /// What needs no store is answered at once, on the network thread; nullopt: ask answer().
    virtual std::optional<HttpResponse> quick(const HttpRequest& request) = 0;
    /// On the store's thread; may wait for the disk.
    virtual HttpResponse answer(const HttpRequest& request) = 0;
    /// An answer is ready. Requests that could not be read have no method.
    virtual void answered(const HttpRequest&, const HttpResponse&) {}
    /// So many are open now.
    virtual void connections(std::size_t /*open*/) {}
    /// To what could not be read as a request, on the network thread; nullopt: a problem document.
    virtual std::optional<HttpResponse> refused(const Problem&) { return std::nullopt; }
};

}  // namespace latchkey::keyserver
