#include "keyserver/http/http_server.h"

#include <spdlog/spdlog.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include <array>
#include <set>
#include <sstream>

#include "keyserver/http/client_connections.h"
#include "keyserver/policy.h"
#include "licensing/messages.h"

namespace latchkey::keyserver {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace ssl = boost::asio::ssl;
using asio::ip::tcp;
using boost::system::error_code;

using Stream = beast::ssl_stream<beast::tcp_stream>;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr Duration kAcceptPause{100};

/// One connection as the server sees it.
struct Connection {
    Stream stream;
    std::string peer;    ///< its address
    std::string client;  ///< client_of() it
    bool answering = false;
    bool refused = false;  ///< a request was refused before it was read to its end

    Connection(tcp::socket socket, ssl::context& tls, std::string from, std::string whose)
        : stream(std::move(socket), tls), peer(std::move(from)), client(std::move(whose)) {}
    beast::tcp_stream& link() { return beast::get_lowest_layer(stream); }
};

asio::awaitable<HttpResponse> answer_on_worker(HttpHandler& handler, const HttpRequest& request) {
    co_return handler.answer(request);
}

std::string header(const http::request<http::string_body>& request, std::string_view name) {
    const auto found = request.find(beast::string_view(name.data(), name.size()));
    return found == request.end() ? std::string() : std::string(found->value());
}

HttpRequest to_plain(http::request<http::string_body>&& request, const std::string& peer) {
    HttpRequest plain;
    plain.method = std::string(request.method_string());
    plain.target = std::string(request.target());
    plain.peer = peer;
    plain.protocol = header(request, licensing::header::kProtocol);
    plain.device = header(request, licensing::header::kDevice);
    plain.proof = header(request, licensing::header::kRequest);
    plain.idempotency_key = header(request, licensing::header::kIdempotency);
    plain.host = header(request, "Host");
    plain.origin = header(request, "Origin");
    plain.fetch_site = header(request, "Sec-Fetch-Site");
    plain.cookie = header(request, "Cookie");
    plain.content_type = header(request, "Content-Type");
    plain.body = std::move(request.body());
    return plain;
}

http::response<http::string_body> to_wire(HttpResponse&& plain, bool keep_alive) {
    http::response<http::string_body> response(static_cast<http::status>(plain.status), 11);
    response.set(http::field::server, "latchkey-keyserver");
    response.set(http::field::content_type, plain.content_type);
    response.set(http::field::cache_control, "no-store");
    if (plain.retry_after_s)
        response.set(http::field::retry_after, std::to_string(*plain.retry_after_s));
    for (const auto& [name, value] : plain.headers) response.set(name, value);
    response.keep_alive(keep_alive);
    response.body() = std::move(plain.body);
    response.prepare_payload();
    return response;
}

/// What to say about a request that could not be read; nullopt: the client is gone.
std::optional<Problem> problem_of(error_code ec) {
    if (ec == http::error::body_limit)
        return Problem{Code::request_too_large,
                       "a body has at most " + std::to_string(licensing::kMaxBodyBytes) + " bytes",
                       {}};
    if (ec == http::error::header_limit)
        return Problem{Code::request_too_large,
                       "headers have at most " + std::to_string(kMaxHeaderBytes) + " bytes",
                       {}};
    const bool gone = ec == http::error::end_of_stream || ec == http::error::partial_message;
    if (ec.category() == make_error_code(http::error::bad_method).category() && !gone)
        return Problem{Code::request_invalid, "this is not HTTP/1.1: " + ec.message(), {}};
    return std::nullopt;
}

/// Goes on reading, below TLS: what comes is wanted by nobody.
asio::awaitable<void> drop_rest(Connection& connection) {
    std::array<char, 16 * 1024> dropped;
    error_code ignored;
    connection.link().socket().shutdown(tcp::socket::shutdown_send, ignored);
    connection.link().expires_after(kRefusedRestDeadline);
    for (std::size_t total = 0; total < kMaxRefusedRest;) {
        auto [ec, size] = co_await connection.link().async_read_some(asio::buffer(dropped), kAwait);
        if (ec) break;
        total += size;
    }
}

/// Less than an answer, and the end of the connection.
asio::awaitable<void> write_part(Connection& connection,
                                 const http::response<http::string_body>& wire, Delivery delivery) {
    std::ostringstream whole;
    whole << wire;
    const std::string part = whole.str().substr(0, whole.str().size() / 2);
    if (delivery == Delivery::cut_short)
        (void)co_await asio::async_write(connection.stream, asio::buffer(part), kAwait);
    connection.link().close();
}

class Server final : public HttpServer, public std::enable_shared_from_this<Server> {
public:
    Server(asio::any_io_executor network, asio::any_io_executor worker, HttpHandler& handler,
           ssl::context tls, tcp::acceptor acceptor, std::size_t most_connections)
        : network_(std::move(network)),
          worker_(std::move(worker)),
          handler_(handler),
          tls_(std::move(tls)),
          acceptor_(std::move(acceptor)),
          drain_(network_),
          port_(acceptor_.local_endpoint().port()),
          most_connections_(most_connections) {}

    std::uint16_t port() const override { return port_; }
    void start() { asio::co_spawn(network_, accept_loop(shared_from_this()), asio::detached); }
    void stop() override;

private:
    static asio::awaitable<void> accept_loop(std::shared_ptr<Server> self);
    static asio::awaitable<void> session(std::shared_ptr<Server> self,
                                         std::shared_ptr<Connection> connection);
    asio::awaitable<void> exchange_all(Connection& connection);
    asio::awaitable<bool> exchange(Connection& connection, beast::flat_buffer& buffer,
                                   Duration header_deadline);
    asio::awaitable<void> refuse(Connection& connection, const Problem& problem);
    std::shared_ptr<Connection> admit(tcp::socket socket);
    asio::awaitable<bool> write(Connection& connection, HttpResponse response, bool keep_alive);
    void close_where(bool answering_too);

    asio::any_io_executor network_;
    asio::any_io_executor worker_;
    HttpHandler& handler_;
    ssl::context tls_;
    tcp::acceptor acceptor_;
    asio::steady_timer drain_;
    std::uint16_t port_;
    std::size_t most_connections_;
    bool full_ = false;
    std::set<Connection*> connections_;
    ClientConnections clients_{kMaxConnectionsPerClient};
    bool stopping_ = false;
};

void Server::close_where(bool answering_too) {
    for (auto* connection : connections_)
        if (answering_too || !connection->answering) connection->link().close();
}

void Server::stop() {
    if (std::exchange(stopping_, true)) return;
    error_code ignored;
    acceptor_.close(ignored);
    close_where(false);
    if (connections_.empty()) return;
    drain_.expires_after(kDrainDeadline);
    drain_.async_wait([self = shared_from_this()](error_code ec) {
        if (!ec) self->close_where(true);
    });
}

asio::awaitable<void> Server::accept_loop(std::shared_ptr<Server> self) {
    asio::steady_timer pause(self->network_);
    while (!self->stopping_) {
        auto [ec, socket] = co_await self->acceptor_.async_accept(kAwait);
        if (ec == asio::error::operation_aborted) break;
        if (ec) {  // out of descriptors, most likely: give others time to close
            spdlog::warn("cannot accept a connection: {}", ec.message());
            pause.expires_after(kAcceptPause);
            co_await pause.async_wait(kAwait);
            continue;
        }
        if (auto connection = self->admit(std::move(socket)))
            asio::co_spawn(self->network_, session(self, std::move(connection)), asio::detached);
    }
}

/// Null where there are too many: the socket is closed.
std::shared_ptr<Connection> Server::admit(tcp::socket socket) {
    if (connections_.size() >= most_connections_) {
        if (!std::exchange(full_, true))
            spdlog::warn("{} connections are open, and more are closed at once", most_connections_);
        return nullptr;
    }
    error_code ec;
    const auto address = socket.remote_endpoint(ec).address();
    if (ec) return nullptr;  // it went away already
    // An answer is several small writes below TLS: none waits for the acknowledgement of another.
    socket.set_option(tcp::no_delay(true), ec);
    const std::string client = client_of(address);
    if (!clients_.enter(client)) {
        if (clients_.first_refusal(client))
            spdlog::warn("{} has {} connections open and gets no more", client,
                         kMaxConnectionsPerClient);
        return nullptr;
    }
    auto connection =
        std::make_shared<Connection>(std::move(socket), tls_, address.to_string(), client);
    connections_.insert(connection.get());
    handler_.connections(connections_.size());
    return connection;
}

asio::awaitable<void> Server::session(std::shared_ptr<Server> self,
                                      std::shared_ptr<Connection> connection) {
    try {
        connection->link().expires_after(kHandshakeDeadline);
        auto [ec] = co_await connection->stream.async_handshake(ssl::stream_base::server, kAwait);
        if (!ec) co_await self->exchange_all(*connection);
    } catch (const std::exception& e) {
        spdlog::error("a connection ended unexpectedly: {}", e.what());
    }
    self->connections_.erase(connection.get());
    self->full_ = false;
    self->handler_.connections(self->connections_.size());
    self->clients_.leave(connection->client);
    if (self->stopping_ && self->connections_.empty()) self->drain_.cancel();
}

asio::awaitable<void> Server::exchange_all(Connection& connection) {
    beast::flat_buffer buffer;
    bool go_on = co_await exchange(connection, buffer, kHeaderDeadline);
    while (go_on && !stopping_) go_on = co_await exchange(connection, buffer, kIdleDeadline);
    connection.link().expires_after(kWriteDeadline);
    co_await connection.stream.async_shutdown(kAwait);
    if (connection.refused) co_await drop_rest(connection);
}

asio::awaitable<bool> Server::exchange(Connection& connection, beast::flat_buffer& buffer,
                                       Duration header_deadline) {
    http::request_parser<http::string_body> parser;
    parser.header_limit(kMaxHeaderBytes);
    parser.body_limit(licensing::kMaxBodyBytes);
    connection.link().expires_after(header_deadline);
    auto [ec, size] = co_await http::async_read_header(connection.stream, buffer, parser, kAwait);
    if (!ec) {
        connection.answering = true;
        connection.link().expires_after(kBodyDeadline);
        auto [body_ec, body_size] =
            co_await http::async_read(connection.stream, buffer, parser, kAwait);
        ec = body_ec;
    }
    if (ec) {
        if (const auto problem = problem_of(ec)) co_await refuse(connection, *problem);
        co_return false;
    }
    const bool keep_alive = parser.get().keep_alive();
    HttpRequest request = to_plain(parser.release(), connection.peer);
    handler_.arrives(request);
    connection.link().expires_never();
    std::optional<HttpResponse> response = handler_.quick(request);
    if (!response)
        response = co_await asio::co_spawn(worker_, answer_on_worker(handler_, request),
                                           asio::use_awaitable);
    handler_.answered(request, *response);
    const bool go_on = keep_alive && !stopping_;
    const bool written = co_await write(connection, std::move(*response), go_on);
    connection.answering = false;
    co_return written&& go_on;
}

asio::awaitable<void> Server::refuse(Connection& connection, const Problem& problem) {
    auto refusal = handler_.refused(problem);
    if (!refusal)
        refusal = HttpResponse{
            .status = info(problem.code).http_status,
            .content_type = "application/problem+json",
            .body =
                json::to_text(licensing::to_json(licensing::ProblemDocument{problem, {}, {}, {}})),
            .retry_after_s = {},
            .code = info(problem.code).name};
    HttpRequest unread;
    unread.peer = connection.peer;
    handler_.arrives(unread);
    handler_.answered(unread, *refusal);
    connection.refused = co_await write(connection, std::move(*refusal), false);
    connection.answering = false;
}

asio::awaitable<bool> Server::write(Connection& connection, HttpResponse response,
                                    bool keep_alive) {
    const Delivery delivery = response.delivery;
    const auto wire = to_wire(std::move(response), keep_alive);
    connection.link().expires_after(kWriteDeadline);
    if (delivery != Delivery::whole) {
        co_await write_part(connection, wire, delivery);
        co_return false;
    }
    auto [ec, size] = co_await http::async_write(connection.stream, wire, kAwait);
    co_return !ec;
}

Result<ssl::context> tls_context(const TlsFiles& files) {
    ssl::context tls(ssl::context::tls_server);
    SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_3_VERSION);
    // Agents come back after days: a session kept for them would only cost. An idle connection
    // keeps no buffers.
    SSL_CTX_set_session_cache_mode(tls.native_handle(), SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(tls.native_handle(), 0);
    SSL_CTX_set_mode(tls.native_handle(), SSL_MODE_RELEASE_BUFFERS);
    error_code ec;
    const auto refuse = [&](const std::filesystem::path& file) {
        return fail(Problem{Code::config_invalid, file.string() + ": " + ec.message(),
                            "Name a PEM certificate chain with --tls-certificate and its private "
                            "key with --tls-key, or leave out both."});
    };
    tls.use_certificate_chain_file(files.certificate.string(), ec);
    if (ec) return refuse(files.certificate);
    tls.use_private_key_file(files.key.string(), ssl::context::pem, ec);
    if (ec) return refuse(files.key);
    return tls;
}

Result<tcp::acceptor> open_acceptor(const asio::any_io_executor& executor,
                                    const ListenAddress& address) {
    const auto refuse = [&](const error_code& ec) {
        return fail(Problem{Code::config_invalid,
                            "cannot listen on " + to_text(address) + ": " + ec.message(),
                            "Name a free address and port of this machine with --listen."});
    };
    error_code ec;
    tcp::resolver resolver(executor);
    const auto found =
        resolver.resolve(address.host, std::to_string(address.port),
                         tcp::resolver::passive | tcp::resolver::numeric_service, ec);
    if (ec) return refuse(ec);
    const tcp::endpoint endpoint = found.begin()->endpoint();
    tcp::acceptor acceptor(executor);
    acceptor.open(endpoint.protocol(), ec);
    if (!ec) acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
    if (!ec) acceptor.bind(endpoint, ec);
    if (!ec) acceptor.listen(tcp::acceptor::max_listen_connections, ec);
    if (ec) return refuse(ec);
    return acceptor;
}

}  // namespace

Result<std::shared_ptr<HttpServer>> serve_https(asio::any_io_executor network,
                                                asio::any_io_executor worker, HttpHandler& handler,
                                                const ListenAddress& address, const TlsFiles& files,
                                                std::size_t most_connections) {
    auto tls = tls_context(files);
    if (!tls) return fail(std::move(tls.error()));
    auto acceptor = open_acceptor(network, address);
    if (!acceptor) return fail(std::move(acceptor.error()));
    auto server = std::make_shared<Server>(network, std::move(worker), handler, std::move(*tls),
                                           std::move(*acceptor), most_connections);
    server->start();
    return std::shared_ptr<HttpServer>(std::move(server));
}

}  // namespace latchkey::keyserver
