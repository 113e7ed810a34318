#include "tests/e2e/https_responder.h"

#include <sys/socket.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <list>
#include <mutex>
#include <thread>

#include "tests/e2e/certificates.h"

namespace latchkey::e2e {
namespace {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
namespace http = boost::beast::http;
using asio::ip::tcp;

/// One thread accepts, one thread a connection talks; `talk` must bear a socket that is shut down
/// at any moment.
class Listener {
public:
    using Talk = std::function<void(tcp::socket&)>;

    explicit Listener(Talk talk)
        : talk_(std::move(talk)),
          acceptor_(context_, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)),
          accepting_([this] { accept(); }) {}

    ~Listener() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
            // Closing does not wake a blocked accept or read; shutting down does.
            shutdown(acceptor_.native_handle(), SHUT_RDWR);
            for (auto& connection : connections_)
                if (connection.socket.is_open())
                    shutdown(connection.socket.native_handle(), SHUT_RDWR);
        }
        accepting_.join();
        for (auto& connection : connections_) connection.thread.join();
    }

    int port() const { return acceptor_.local_endpoint().port(); }

private:
    struct Connection {
        explicit Connection(tcp::socket accepted) : socket(std::move(accepted)) {}
        tcp::socket socket;
        std::thread thread;
    };

    void accept() {
        while (true) {
            boost::system::error_code failed;
            tcp::socket socket(context_);
            acceptor_.accept(socket, failed);
            const std::lock_guard lock(mutex_);
            if (failed || stopping_) return;
            auto& connection = connections_.emplace_back(std::move(socket));
            connection.thread = std::thread([this, &connection] {
                talk_(connection.socket);
                shutdown(connection.socket.native_handle(), SHUT_RDWR);
            });
        }
    }

    Talk talk_;
    asio::io_context context_;
    tcp::acceptor acceptor_;
    std::mutex mutex_;
    bool stopping_ = false;
    std::list<Connection> connections_;
    std::thread accepting_;
};

WireRequest plain(const http::request<http::string_body>& message) {
    WireRequest request;
    request.method = std::string(message.method_string());
    request.target = std::string(message.target());
    request.body = message.body();
    for (const auto& field : message)
        request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    return request;
}

http::response<http::string_body> wired(const WireResponse& answer, bool keep_alive) {
    http::response<http::string_body> message;
    message.version(11);
    message.result(static_cast<unsigned>(answer.status));
    for (const auto& [name, value] : answer.headers) message.set(name, value);
    message.set(http::field::content_type, answer.content_type);
    message.body() = answer.body;
    message.keep_alive(keep_alive);
    message.prepare_payload();
    return message;
}

}  // namespace

class HttpsResponder::Server {
public:
    Server(const World& world, Certificate certificate, WireHandler handler)
        : handler_(std::move(handler)), tls_(ssl::context::tls_server) {
        const bool expired = certificate == Certificate::expired;
        const auto files = make_certificates(
            expired ? -30 : -1, expired ? -2 : 30,
            certificate == Certificate::other_host ? "DNS:elsewhere.example" : "IP:127.0.0.1");
        ca_file = world.write("responder-ca.pem", files.authority_pem);
        tls_.use_certificate_chain(asio::buffer(files.certificate_pem));
        tls_.use_private_key(asio::buffer(files.key_pem), ssl::context::pem);
        listener = std::make_unique<Listener>([this](tcp::socket& socket) { talk(socket); });
    }

    fs::path ca_file;
    std::atomic<int> requests = 0;

private:
    void talk(tcp::socket& socket) {
        ssl::stream<tcp::socket&> stream(socket, tls_);
        boost::system::error_code failed;
        stream.handshake(ssl::stream_base::server, failed);
        boost::beast::flat_buffer buffer;
        while (!failed) {
            http::request<http::string_body> message;
            http::read(stream, buffer, message, failed);
            if (failed) return;
            ++requests;
            http::write(stream, wired(handler_(plain(message)), message.keep_alive()), failed);
            if (!message.keep_alive()) return;
        }
    }

    WireHandler handler_;
    ssl::context tls_;

public:
    std::unique_ptr<Listener> listener;  ///< last: its threads use all of the above
};

HttpsResponder::HttpsResponder(const World& world, Certificate certificate, WireHandler handler)
    : server_(std::make_unique<Server>(world, certificate, std::move(handler))) {}
HttpsResponder::~HttpsResponder() = default;

std::string HttpsResponder::url() const {
    return "https://127.0.0.1:" + std::to_string(server_->listener->port());
}
fs::path HttpsResponder::ca_file() const { return server_->ca_file; }
int HttpsResponder::requests() const { return server_->requests; }

class PlainResponder::Server {
public:
    explicit Server(std::string text)
        : bytes(std::move(text)), listener([this](tcp::socket& socket) {
              std::array<char, 4096> heard{};
              boost::system::error_code failed;
              socket.read_some(asio::buffer(heard), failed);
              asio::write(socket, asio::buffer(bytes), failed);
          }) {}

    std::string bytes;
    Listener listener;
};

PlainResponder::PlainResponder(std::string bytes)
    : server_(std::make_unique<Server>(std::move(bytes))) {}
PlainResponder::~PlainResponder() = default;
int PlainResponder::port() const { return server_->listener.port(); }

WireResponse forward(const std::string& url, const WireRequest& request) {
    const auto colon = url.rfind(':');
    asio::io_context context;
    ssl::context tls(ssl::context::tls_client);  // loopback to our own server: not verified
    ssl::stream<tcp::socket> stream(context, tls);
    const auto port = static_cast<unsigned short>(std::stoi(url.substr(colon + 1)));
    stream.lowest_layer().connect(tcp::endpoint(asio::ip::make_address("127.0.0.1"), port));
    stream.handshake(ssl::stream_base::client);
    http::request<http::string_body> message;
    message.method_string(request.method);
    message.target(request.target);
    message.version(11);
    message.set(http::field::host, url.substr(url.rfind('/') + 1));
    for (const auto& [name, value] : request.headers) message.set(name, value);
    message.body() = request.body;
    message.keep_alive(false);
    message.prepare_payload();
    http::write(stream, message);
    boost::beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.skip(request.method == "HEAD");
    http::read(stream, buffer, parser);
    const auto answer = parser.release();
    WireResponse response{static_cast<int>(answer.result_int()),
                          std::string(answer[http::field::content_type]),
                          answer.body(),
                          {}};
    for (const auto field : {http::field::retry_after, http::field::allow, http::field::date})
        if (const auto value = answer[field]; !value.empty())
            response.headers.emplace_back(std::string(http::to_string(field)), std::string(value));
    return response;
}

}  // namespace latchkey::e2e
