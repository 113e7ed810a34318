#include "tests/unit/agent_net/test_server.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

namespace latchkey::net {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

std::string text(auto view) { return std::string(view.data(), view.size()); }

template <class Stream>
asio::awaitable<void> serve(Stream& stream, const Script& script) {
    boost::beast::flat_buffer buffer;
    for (;;) {
        error_code error;
        http::request<http::string_body> message;
        co_await http::async_read(stream, buffer, message,
                                  asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return;
        SeenRequest seen{text(message.method_string()), text(message.target()), {}, message.body()};
        for (const auto& field : message)
            seen.headers[text(field.name_string())] = text(field.value());
        const std::string answer = script(seen);
        if (answer == "!") co_return;
        co_await asio::async_write(stream, asio::buffer(answer),
                                   asio::redirect_error(asio::use_awaitable, error));
        if (error || answer.find("Connection: close") != std::string::npos) co_return;
    }
}

}  // namespace

std::string http_answer(int status, const std::string& body, const std::string& content_type,
                        const std::string& extra_headers) {
    return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Type: " + content_type +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + extra_headers + "\r\n" +
           body;
}

TestServer::TestServer(asio::io_context& io, const Identity& identity, Script script, Speaks speaks)
    : io_(io),
      tls_(asio::ssl::context::tls_server),
      acceptor_(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      script_(std::move(script)),
      speaks_(speaks) {
    SSL_CTX_use_certificate(tls_.native_handle(), identity.certificate.get());
    SSL_CTX_use_PrivateKey(tls_.native_handle(), identity.key.get());
    asio::co_spawn(io_, accept(), asio::detached);
}

std::string TestServer::url() const { return "https://127.0.0.1:" + std::to_string(port()); }
unsigned short TestServer::port() const { return acceptor_.local_endpoint().port(); }

asio::awaitable<void> TestServer::accept() {
    for (;;) {
        error_code error;
        tcp::socket socket =
            co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return;
        ++connections_;
        auto talk =
            speaks_ == Speaks::tls ? talk_tls(std::move(socket)) : talk_plain(std::move(socket));
        asio::co_spawn(io_, std::move(talk), asio::detached);
    }
}

asio::awaitable<void> TestServer::talk_tls(tcp::socket socket) {
    boost::beast::ssl_stream<tcp::socket> stream(std::move(socket), tls_);
    error_code error;
    co_await stream.async_handshake(asio::ssl::stream_base::server,
                                    asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    co_await serve(stream, script_);
}

asio::awaitable<void> TestServer::talk_plain(tcp::socket socket) {
    error_code error;
    boost::beast::flat_buffer buffer;
    http::request<http::string_body> message;
    co_await http::async_read(socket, buffer, message,
                              asio::redirect_error(asio::use_awaitable, error));
    const std::string answer = http_answer(400, "<html>Bad Request</html>", "text/html");
    co_await asio::async_write(socket, asio::buffer(answer),
                               asio::redirect_error(asio::use_awaitable, error));
    // Closed only once the client has gone, so that it gets to read this.
    co_await socket.async_read_some(buffer.prepare(1),
                                    asio::redirect_error(asio::use_awaitable, error));
}

}  // namespace latchkey::net
