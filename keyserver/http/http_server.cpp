#include "keyserver/http/http_server.h"

#include <spdlog/spdlog.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/write.hpp>

#include <array>
#include <set>
#include <sstream>

#include "keyserver/http/client_connections.h"
#include "keyserver/http/tls_acceptor.h"
#include "keyserver/http/tls_stream.h"
#include "keyserver/http/wire.h"
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

using Parser = http::request_parser<http::string_body>;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr Duration kAcceptPause{100};
/// Read at once at most.
constexpr std::size_t kPiece = 16 * 1024;

/// What a connection is about, which decides how it fares when the server stops.
enum class Phase : std::uint8_t {
    idle,     ///< nothing was asked: closed at once
    asking,   ///< a request is half here: gets a moment to arrive
    answered  ///< an answer is being made or written: gets its deadline
};

/// One connection as the server sees it.
struct Connection {
    TlsStream stream;
    std::string peer;    ///< its address
    std::string client;  ///< client_of() it
    Phase phase = Phase::idle;
    bool refused = false;  ///< a request was refused before it was read to its end

    Connection(tcp::socket socket, ssl::context& tls, std::string from, std::string whose)
        : stream(std::move(socket), tls), peer(std::move(from)), client(std::move(whose)) {}
};

asio::awaitable<HttpResponse> answer_on_worker(HttpHandler& handler, const HttpRequest& request) {
    co_return handler.answer(request);
}

/// Where bytes go that were read just now: one for all connections, so that none keeps room for
/// what it does not say.
using Piece = std::array<char, kPiece>;

/// Parses on until `done`, reading what is missing. What comes after it stays in the buffer.
template <class Done>
asio::awaitable<error_code> read_until(TlsStream& stream, beast::flat_buffer& buffer, Piece& piece,
                                       Parser& parser, Done done) {
    while (!done(parser)) {
        error_code ec;
        if (buffer.size() > 0) {
            buffer.consume(parser.put(buffer.data(), ec));
            if (ec && ec != http::error::need_more) co_return ec;
            if (!ec || done(parser)) continue;
        }
        std::size_t size = 0;
        ec = co_await stream.read_some(asio::buffer(piece), size);
        if (ec == asio::error::eof && parser.got_some()) {
            parser.put_eof(ec);
            if (!ec && !done(parser)) ec = http::error::end_of_stream;
        }
        if (ec) co_return ec;
        buffer.commit(asio::buffer_copy(buffer.prepare(size), asio::buffer(piece, size)));
    }
    co_return error_code{};
}

/// Goes on reading, below TLS: what comes is wanted by nobody.
asio::awaitable<void> drop_rest(TlsStream& stream) {
    Piece dropped;
    error_code ignored;
    stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
    stream.expires_after(kRefusedRestDeadline);
    for (std::size_t total = 0; total < kMaxRefusedRest;) {
        auto [ec, size] = co_await stream.socket().async_read_some(asio::buffer(dropped), kAwait);
        if (ec) break;
        total += size;
    }
}

/// The answer as it travels.
std::string text_of(const WireResponse& wire) {
    std::ostringstream text;
    text << wire;
    return std::move(text).str();
}

class Server final : public HttpServer, public std::enable_shared_from_this<Server> {
public:
    Server(asio::any_io_executor network, asio::any_io_executor worker, HttpHandler& handler,
           std::function<WallTime()> calendar, ssl::context tls, tcp::acceptor acceptor,
           std::size_t most_connections)
        : network_(std::move(network)),
          worker_(std::move(worker)),
          handler_(handler),
          calendar_(std::move(calendar)),
          tls_(std::move(tls)),
          acceptor_(std::move(acceptor)),
          arrivals_(network_),
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
    void close_up_to(Phase phase);
    void close_after(asio::steady_timer& timer, Duration time, Phase phase);

    asio::any_io_executor network_;
    asio::any_io_executor worker_;
    HttpHandler& handler_;
    std::function<WallTime()> calendar_;
    ssl::context tls_;
    tcp::acceptor acceptor_;
    asio::steady_timer arrivals_;
    asio::steady_timer drain_;
    std::uint16_t port_;
    std::size_t most_connections_;
    Piece piece_{};
    bool full_ = false;
    std::set<Connection*> connections_;
    ClientConnections clients_{kMaxConnectionsPerClient};
    bool stopping_ = false;
};

void Server::close_up_to(Phase phase) {
    for (auto* connection : connections_)
        if (connection->phase <= phase) connection->stream.close();
}

void Server::close_after(asio::steady_timer& timer, Duration time, Phase phase) {
    timer.expires_after(time);
    timer.async_wait([self = shared_from_this(), phase](error_code ec) {
        if (!ec) self->close_up_to(phase);
    });
}

void Server::stop() {
    if (std::exchange(stopping_, true)) return;
    error_code ignored;
    acceptor_.close(ignored);
    close_up_to(Phase::idle);
    if (connections_.empty()) return;
    close_after(arrivals_, kArrivalDeadline, Phase::asking);
    close_after(drain_, kDrainDeadline, Phase::answered);
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
        connection->stream.expires_after(kHandshakeDeadline);
        const auto ec = co_await connection->stream.handshake();
        if (!ec) co_await self->exchange_all(*connection);
    } catch (const std::exception& e) {
        spdlog::error("a connection ended unexpectedly: {}", e.what());
    }
    self->connections_.erase(connection.get());
    self->full_ = false;
    self->handler_.connections(self->connections_.size());
    self->clients_.leave(connection->client);
    if (!self->stopping_ || !self->connections_.empty()) co_return;
    self->arrivals_.cancel();
    self->drain_.cancel();
}

asio::awaitable<void> Server::exchange_all(Connection& connection) {
    beast::flat_buffer buffer;
    bool go_on = co_await exchange(connection, buffer, kHeaderDeadline);
    while (go_on && !stopping_) {
        if (buffer.size() == 0) buffer.shrink_to_fit();
        go_on = co_await exchange(connection, buffer, kIdleDeadline);
    }
    connection.stream.expires_after(kWriteDeadline);
    co_await connection.stream.shutdown();
    if (connection.refused) co_await drop_rest(connection.stream);
}

asio::awaitable<bool> Server::exchange(Connection& connection, beast::flat_buffer& buffer,
                                       Duration header_deadline) {
    Parser parser;
    parser.eager(true);
    parser.header_limit(kMaxHeaderBytes);
    parser.body_limit(licensing::kMaxBodyBytes);
    connection.stream.expires_after(header_deadline);
    auto ec = co_await read_until(connection.stream, buffer, piece_, parser,
                                  [](const Parser& p) { return p.is_header_done(); });
    if (!ec) {
        connection.phase = Phase::asking;
        if (const auto problem = bad_headers(parser.get())) {
            co_await refuse(connection, *problem);
            co_return false;
        }
        connection.stream.expires_after(kBodyDeadline);
        ec = co_await read_until(connection.stream, buffer, piece_, parser,
                                 [](const Parser& p) { return p.is_done(); });
    }
    if (ec) {
        if (const auto problem = problem_of(ec)) co_await refuse(connection, *problem);
        co_return false;
    }
    connection.phase = Phase::answered;
    const bool keep_alive = parser.get().keep_alive();
    HttpRequest request = to_plain(parser.release(), connection.peer);
    handler_.arrives(request);
    connection.stream.expires_never();
    std::optional<HttpResponse> response = handler_.quick(request);
    if (!response)
        response = co_await asio::co_spawn(worker_, answer_on_worker(handler_, request),
                                           asio::use_awaitable);
    if (request.method == "HEAD") leave_body_out(*response);
    handler_.answered(request, *response);
    const bool go_on = keep_alive && !stopping_;
    const bool written = co_await write(connection, std::move(*response), go_on);
    connection.phase = Phase::idle;
    co_return written&& go_on;
}

asio::awaitable<void> Server::refuse(Connection& connection, const Problem& problem) {
    connection.phase = Phase::answered;
    auto refusal = handler_.refused(problem);
    if (!refusal) refusal = plain_refusal(problem);
    HttpRequest unread;
    unread.peer = connection.peer;
    handler_.arrives(unread);
    handler_.answered(unread, *refusal);
    connection.refused = co_await write(connection, std::move(*refusal), false);
    connection.phase = Phase::idle;
}

asio::awaitable<bool> Server::write(Connection& connection, HttpResponse response,
                                    bool keep_alive) {
    const Delivery delivery = response.delivery;
    std::string text = text_of(to_wire(std::move(response), calendar_(), keep_alive));
    connection.stream.expires_after(kWriteDeadline);
    if (delivery == Delivery::cut_short) text.resize(text.size() / 2);
    if (delivery == Delivery::none) text.clear();
    const auto ec = co_await connection.stream.write(text);
    if (delivery != Delivery::whole) connection.stream.close();
    co_return !ec && delivery == Delivery::whole;
}

}  // namespace

Result<std::shared_ptr<HttpServer>> serve_https(asio::any_io_executor network,
                                                asio::any_io_executor worker, HttpHandler& handler,
                                                std::function<WallTime()> calendar,
                                                const ListenAddress& address, const TlsFiles& files,
                                                std::size_t most_connections) {
    auto tls = tls_context(files);
    if (!tls) return fail(std::move(tls.error()));
    auto acceptor = open_acceptor(network, address);
    if (!acceptor) return fail(std::move(acceptor.error()));
    auto server = std::make_shared<Server>(network, std::move(worker), handler, std::move(calendar),
                                           std::move(*tls), std::move(*acceptor), most_connections);
    server->start();
    return std::shared_ptr<HttpServer>(std::move(server));
}

}  // namespace latchkey::keyserver
