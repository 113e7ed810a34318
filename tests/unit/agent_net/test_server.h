#pragma once

// A TLS server on loopback, port 0, on the test's own thread: reads whole requests and answers with
// whatever bytes the test says.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <functional>
#include <map>
#include <string>

#include "tests/unit/agent_net/test_pki.h"

namespace latchkey::net {

struct SeenRequest {
    std::string method;
    std::string target;
    std::map<std::string, std::string> headers;  ///< names as sent
    std::string body;
};

/// The raw bytes of the answer; nothing: never answers; "!": closes the connection.
using Script = std::function<std::string(const SeenRequest&)>;

std::string http_answer(int status, const std::string& body,
                        const std::string& content_type = "application/json",
                        const std::string& extra_headers = "");

class TestServer {
public:
    enum class Speaks { tls, plain_http };
    TestServer(boost::asio::io_context& io, const Identity& identity, Script script,
               Speaks speaks = Speaks::tls);

    std::string url() const;
    unsigned short port() const;
    int connections() const { return connections_; }

private:
    boost::asio::awaitable<void> accept();
    boost::asio::awaitable<void> talk_tls(boost::asio::ip::tcp::socket socket);
    boost::asio::awaitable<void> talk_plain(boost::asio::ip::tcp::socket socket);

    boost::asio::io_context& io_;
    boost::asio::ssl::context tls_;
    boost::asio::ip::tcp::acceptor acceptor_;
    Script script_;
    Speaks speaks_;
    int connections_ = 0;
};

}  // namespace latchkey::net
