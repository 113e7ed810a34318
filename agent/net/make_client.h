#pragma once

// The client's makings: with deadlines of one's own, or over connections of one's own. For tests,
// which have no time to wait and bring their own network.

#include <functional>
#include <memory>

#include "agent/net/http_connection.h"
#include "agent/net/key_server_client.h"

namespace latchkey::net {

std::unique_ptr<KeyServerClient> make_key_server_client(boost::asio::any_io_executor executor,
                                                        std::function<SinceBoot()> boot_now,
                                                        Deadlines deadlines);

/// An open connection, and what to call its other end in messages.
struct Line {
    HostPort server;
    std::unique_ptr<HttpConnection> connection;
};
using Dialer = std::function<boost::asio::awaitable<Result<Line>>(ServerAddress)>;

std::unique_ptr<KeyServerClient> make_key_server_client(Dialer dial,
                                                        std::function<SinceBoot()> boot_now);

}  // namespace latchkey::net
