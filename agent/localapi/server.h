#pragma once

// The agent's end of the local API: connections, limits, HTTP framing, peer credentials. What a
// request means is the handler's business (agent/daemon).

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agent/localapi/contract.h"
#include "base/result.h"
#include "base/strict_json.h"
#include "platform/endpoint/local_endpoint.h"

namespace latchkey::localapi {

struct Request {
    std::string method;
    std::string path;  ///< decoded, without the query
    std::vector<std::pair<std::string, std::string>> query;
    json::bj::value body;  ///< null where there is none
    platform::Peer peer;

    /// The first query parameter of that name, empty where there is none.
    std::string_view parameter(std::string_view name) const;
};

struct Response {
    int status = 200;
    std::string body;
    std::string content_type = "application/json";
};

Response ok(const json::bj::value& body);
Response failed(const Problem& problem);

using Handler = std::function<boost::asio::awaitable<Response>(Request)>;

/// Tests shrink them; the agent takes them as they are.
struct ServerLimits {
    std::size_t message_bytes = kMaxMessage;
    Duration message_deadline = kMessageDeadline;
    std::size_t connections_per_user = kMaxConnectionsPerUser;
    std::size_t connections = kMaxConnections;
    std::size_t kept_for_administrators = kKeptForAdministrators;
};

class Server {
public:
    virtual ~Server() = default;
    /// Closes the endpoint and every connection. Requests already with the handler run on; their
    /// answers are dropped.
    virtual void stop() = 0;
};

/// Serves until stopped. A hostile client gets at most a disconnect; each message has the deadline
/// to arrive, and a connection that stays silent for as long is closed.
std::unique_ptr<Server> serve(boost::asio::any_io_executor executor,
                              std::unique_ptr<platform::LocalListener> listener, Handler handler,
                              const ServerLimits& limits = {});

}  // namespace latchkey::localapi
