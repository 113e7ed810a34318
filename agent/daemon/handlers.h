#pragma once

// What each request of the local API means (docs/local-api.md). Reading is for everybody, changing
// for administrators.

#include "agent/daemon/agent.h"
#include "agent/localapi/server.h"
#include "base/strict_json.h"

namespace latchkey::daemon {

/// `agent` outlives the handler.
localapi::Handler make_handler(Agent& agent);

/// The families, each in a file of its own; nullopt: not one of theirs. `product` is empty where
/// the path names none.
struct Route {
    std::string method;
    std::string product;
    std::string verb;  ///< "status", "activate"
};
std::optional<Route> route_of(const localapi::Request& request);

/// The body of what takes no wishes: a member that would be ignored is a mistake of whoever sent
/// it.
Result<void> read_nothing(const json::bj::value& body);

localapi::Response read_request(Agent& agent, const Route& route, const localapi::Request& request);
boost::asio::awaitable<localapi::Response> change_request(Agent& agent, Route route,
                                                          localapi::Request request);
/// POST /v1/generalize.
localapi::Response image_request(Agent& agent, const localapi::Request& request);
/// POST /v1/redeem.
boost::asio::awaitable<localapi::Response> redeem_request(Agent& agent, localapi::Request request);
localapi::Response product_request(Agent& agent, const Route& route,
                                   const localapi::Request& request);

}  // namespace latchkey::daemon
