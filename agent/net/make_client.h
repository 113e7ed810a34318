#pragma once

// The client with deadlines of one's own: for tests, which have no time to wait.

#include "agent/net/http_connection.h"
#include "agent/net/key_server_client.h"

namespace latchkey::net {

std::unique_ptr<KeyServerClient> make_key_server_client(boost::asio::any_io_executor executor,
                                                        std::function<SinceBoot()> boot_now,
                                                        Deadlines deadlines);

}  // namespace latchkey::net
