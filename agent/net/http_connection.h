#pragma once

// One HTTPS connection to one host: resolve, connect (through a proxy where there is one), TLS
// handshake, then requests one after the other. Each step has its deadline, and each way to fail
// its own Problem whose detail names host:port. Redirects are refused, never followed. One
// coroutine at a time.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/net/proxy.h"
#include "agent/net/tls_context.h"
#include "agent/net/way.h"
#include "base/result.h"
#include "base/time.h"

namespace latchkey::net {

/// Together they stay below the half minute an administrator's command waits for its answer, also
/// where a server takes every connection and then says nothing. Tests shrink them.
struct Deadlines {
    Duration resolve = seconds{5};
    Duration connect = seconds{5};  ///< of each step: TCP, CONNECT
    Duration handshake = seconds{5};
    Duration exchange = seconds{8};  ///< one request and its whole answer
};

struct HttpRequest {
    std::string method;
    std::string target;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

struct HttpAnswer {
    int status = 0;
    std::string content_type;
    std::string retry_after;
    std::string body;

    bool is_json() const;  ///< application/json or application/problem+json
};

class HttpConnection {
public:
    virtual ~HttpConnection() = default;
    virtual boost::asio::awaitable<Result<HttpAnswer>> exchange(HttpRequest request) = 0;
};

struct Route {
    HostPort server;
    std::optional<HostPort> proxy;
    std::shared_ptr<boost::asio::ssl::context> tls;
    bool own_authority = false;  ///< `tls` trusts a configured CA file, not the system's roots
    Way* way = nullptr;          ///< filled in, where somebody wants to know; outlives connect()
    std::optional<ServerTime> passed = {};  ///< as ServerAddress says
};

boost::asio::awaitable<Result<std::unique_ptr<HttpConnection>>> connect(
    boost::asio::any_io_executor executor, Route route, Deadlines deadlines);

}  // namespace latchkey::net
