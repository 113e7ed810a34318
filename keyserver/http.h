#pragma once

// A request and a response as plain values, so that routes know no HTTP library.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/problem.h"

namespace latchkey::keyserver {

struct HttpRequest {
    std::string method;  ///< upper case
    std::string target;  ///< path and query as sent
    std::string peer;    ///< the client's address, for rate limits
    std::string protocol, device, proof,
        idempotency_key;  ///< licensing::header::*, empty where absent
    std::string body;
    std::string host, origin, fetch_site, cookie,
        content_type;  ///< what browsers send; empty where absent
};

struct HttpResponse {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::optional<std::int64_t> retry_after_s;
    std::vector<std::pair<std::string, std::string>> headers = {};  ///< further ones
};

/// Answers requests. `quick` and `answer` are called on different threads.
class HttpHandler {
public:
    virtual ~HttpHandler() = default;
    /// What needs no store is answered at once, on the network thread; nullopt: ask answer().
    virtual std::optional<HttpResponse> quick(const HttpRequest& request) = 0;
    /// On the store's thread; may wait for the disk.
    virtual HttpResponse answer(const HttpRequest& request) = 0;
    /// To what could not be read as a request, on the network thread; nullopt: a problem document.
    virtual std::optional<HttpResponse> refused(const Problem&) { return std::nullopt; }
};

}  // namespace latchkey::keyserver
