#include "agent/localapi/server.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <array>
#include <map>
#include <set>

#include "agent/localapi/target.h"

namespace latchkey::localapi {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using Parser = http::request_parser<http::string_body>;

constexpr std::uint32_t kMaxHeader = 8 * 1024;
constexpr std::size_t kReadChunk = 4096;
constexpr Duration kAcceptPause = Duration{200};
constexpr int kServiceUnavailable = 503;

/// Everything the connections share. Kept alive by each of them, so that stopping is only closing.
struct Shared {
    Shared(asio::any_io_executor on, std::unique_ptr<platform::LocalListener> at, Handler with,
           ServerLimits bounds)
        : executor(std::move(on)),
          listener(std::move(at)),
          handler(std::move(with)),
          limits(bounds),
          pause(executor) {}

    asio::any_io_executor executor;
    std::unique_ptr<platform::LocalListener> listener;
    Handler handler;
    ServerLimits limits;
    asio::steady_timer pause;
    std::set<platform::LocalConnection*> open;
    std::map<std::int64_t, std::size_t> per_user;
    bool stopped = false;
};

/// A place among the connections, given back on destruction.
class Place {
public:
    Place(Shared& shared, platform::LocalConnection& connection)
        : shared_(shared), connection_(&connection), user_(connection.peer().user_id) {
        shared_.open.insert(connection_);
        ++shared_.per_user[user_];
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() {
        shared_.open.erase(connection_);
        if (--shared_.per_user[user_] == 0) shared_.per_user.erase(user_);
    }

private:
    Shared& shared_;
    platform::LocalConnection* connection_;
    std::int64_t user_;
};

std::string_view phrase(int status) {
    const auto words = http::obsolete_reason(static_cast<http::status>(status));
    return {words.data(), words.size()};
}

std::string serialize(const Response& response, bool keep_alive) {
    std::string out = "HTTP/1.1 " + std::to_string(response.status) + " ";
    out += phrase(response.status);
    out += "\r\nContent-Type: " + response.content_type;
    out += "\r\nContent-Length: " + std::to_string(response.body.size());
    out += "\r\nCache-Control: no-store";
    out += keep_alive ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n";
    return out + response.body;
}

asio::awaitable<bool> send(Shared& shared, platform::LocalConnection& connection,
                           const Response& response, bool keep_alive) {
    const std::string text = serialize(response, keep_alive);
    const auto sent = co_await connection.write(as_bytes(text), shared.limits.message_deadline);
    co_return sent.has_value() && keep_alive;
}

/// Bytes that arrived and are not yet parsed.
struct Inbox {
    std::string bytes;
};

enum class Arrival { complete, ended, malformed, too_large };

/// Feeds what is there to the parser; true when it wants no more.
bool feed(Parser& parser, Inbox& inbox, error_code& error) {
    while (!inbox.bytes.empty() && !parser.is_done()) {
        const std::size_t used =
            parser.put(asio::buffer(inbox.bytes.data(), inbox.bytes.size()), error);
        inbox.bytes.erase(0, used);
        if (error == http::error::need_more) {
            error = {};
            return false;
        }
        if (error) return true;
    }
    return parser.is_done();
}

/// Closes the connection unless the message arrives in time. An expiry that is already on its way
/// when the guard goes finds nothing to close any more.
class MessageGuard {
public:
    explicit MessageGuard(const asio::any_io_executor& executor) : timer_(executor) {}
    MessageGuard(const MessageGuard&) = delete;
    MessageGuard& operator=(const MessageGuard&) = delete;
    ~MessageGuard() {
        if (watched_) *watched_ = nullptr;
    }

    void arm(platform::LocalConnection& connection, Duration deadline) {
        if (watched_) return;
        watched_ = std::make_shared<platform::LocalConnection*>(&connection);
        timer_.expires_after(deadline);
        timer_.async_wait([watched = watched_](error_code cancelled) {
            if (!cancelled && *watched != nullptr) (*watched)->close();
        });
    }

private:
    asio::steady_timer timer_;
    std::shared_ptr<platform::LocalConnection*> watched_;
};

/// Reads one message. The whole of it has one deadline, so that a byte now and then does not hold
/// the connection for ever.
asio::awaitable<Arrival> receive(Shared& shared, platform::LocalConnection& connection,
                                 Parser& parser, Inbox& inbox) {
    MessageGuard guard(shared.executor);
    std::array<std::uint8_t, kReadChunk> chunk{};
    error_code error;
    while (!feed(parser, inbox, error)) {
        const bool begun = !inbox.bytes.empty() || parser.got_some();
        if (begun) guard.arm(connection, shared.limits.message_deadline);
        const auto got = co_await connection.read_some(chunk, shared.limits.message_deadline);
        if (!got || *got == 0) co_return Arrival::ended;
        inbox.bytes.append(reinterpret_cast<const char*>(chunk.data()), *got);
        if (inbox.bytes.size() > kMaxHeader + shared.limits.message_bytes)
            co_return Arrival::too_large;
    }
    if (error == http::error::body_limit || error == http::error::header_limit)
        co_return Arrival::too_large;
    co_return error ? Arrival::malformed : Arrival::complete;
}

Result<Request> understand(const Parser& parser, const platform::Peer& peer) {
    const auto& message = parser.get();
    auto target = parse_target({message.target().data(), message.target().size()});
    if (!target) return fail(std::move(target.error()));
    Request request;
    request.method = std::string(message.method_string());
    request.path = std::move(target->path);
    request.query = std::move(target->query);
    request.peer = peer;
    if (!message.body().empty()) {
        auto body = json::parse_strict(message.body());
        if (!body) return fail(std::move(body.error()));
        request.body = std::move(*body);
    }
    return request;
}

Response refuse(Arrival arrival, const ServerLimits& limits) {
    if (arrival == Arrival::too_large)
        return failed({Code::request_too_large,
                       "a message may have " + std::to_string(limits.message_bytes) + " bytes",
                       {}});
    return failed({Code::request_invalid, "this is not HTTP/1.1", {}});
}

/// One request and its answer; false when the connection is to be closed.
asio::awaitable<bool> serve_one(Shared& shared, platform::LocalConnection& connection,
                                Inbox& inbox) {
    Parser parser;
    parser.header_limit(kMaxHeader);
    parser.body_limit(shared.limits.message_bytes);
    parser.eager(true);
    const Arrival arrival = co_await receive(shared, connection, parser, inbox);
    if (arrival == Arrival::ended) co_return false;
    if (arrival != Arrival::complete) {
        const Response refusal = refuse(arrival, shared.limits);
        co_return co_await send(shared, connection, refusal, false);
    }
    const bool keep_alive = parser.get().keep_alive();
    auto request = understand(parser, connection.peer());
    Response response;
    if (request)
        response = co_await shared.handler(std::move(*request));
    else
        response = failed(request.error());
    if (shared.stopped) co_return false;
    co_return co_await send(shared, connection, response, keep_alive);
}

asio::awaitable<void> converse(std::shared_ptr<Shared> shared,
                               std::unique_ptr<platform::LocalConnection> connection) {
    const Place place(*shared, *connection);
    Inbox inbox;
    while (!shared->stopped && co_await serve_one(*shared, *connection, inbox)) {
    }
    connection->close();
}

/// One more than a user may have: told so, and closed.
asio::awaitable<void> turn_away(std::shared_ptr<Shared> shared,
                                std::unique_ptr<platform::LocalConnection> connection) {
    auto response = failed({Code::rate_limited, "too many connections at once", {}});
    response.status = kServiceUnavailable;
    co_await send(*shared, *connection, response, false);
    connection->close();
}

bool has_room(const Shared& shared, const platform::Peer& peer) {
    const auto mine = shared.per_user.find(peer.user_id);
    const auto kept = peer.administrator ? 0 : shared.limits.kept_for_administrators;
    return shared.open.size() + kept < shared.limits.connections &&
           (mine == shared.per_user.end() || mine->second < shared.limits.connections_per_user);
}

/// A failed accept (no descriptors left) waits a moment instead of spinning.
asio::awaitable<void> pause(Shared& shared) {
    error_code ignored;
    shared.pause.expires_after(kAcceptPause);
    co_await shared.pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

/// What leaves a handler by accident ends that connection alone.
void forget(const std::exception_ptr&) {}

asio::awaitable<void> accept_all(std::shared_ptr<Shared> shared) {
    while (!shared->stopped) {
        auto accepted = co_await shared->listener->accept();
        if (shared->stopped) co_return;
        if (!accepted) {
            co_await pause(*shared);
            continue;
        }
        auto task = has_room(*shared, (*accepted)->peer())
                        ? converse(shared, std::move(*accepted))
                        : turn_away(shared, std::move(*accepted));
        asio::co_spawn(shared->executor, std::move(task), forget);
    }
}

class LocalServer final : public Server {
public:
    explicit LocalServer(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
    LocalServer(const LocalServer&) = delete;
    LocalServer& operator=(const LocalServer&) = delete;
    ~LocalServer() override { stop(); }

    void stop() override {
        if (shared_->stopped) return;
        shared_->stopped = true;
        shared_->pause.cancel();
        shared_->listener->close();
        const auto open = shared_->open;
        for (auto* connection : open) connection->close();
    }

private:
    std::shared_ptr<Shared> shared_;
};

}  // namespace

std::string_view Request::parameter(std::string_view wanted) const {
    for (const auto& [key, value] : query)
        if (key == wanted) return value;
    return {};
}

Response ok(const json::bj::value& body) { return {200, json::to_text(body) + "\n"}; }

Response failed(const Problem& problem) {
    return {info(problem.code).http_status, json::to_text(error_json(problem)) + "\n"};
}

std::unique_ptr<Server> serve(boost::asio::any_io_executor executor,
                              std::unique_ptr<platform::LocalListener> listener, Handler handler,
                              const ServerLimits& limits) {
    auto shared = std::make_shared<Shared>(std::move(executor), std::move(listener),
                                           std::move(handler), limits);
    asio::co_spawn(shared->executor, accept_all(shared), forget);
    return std::make_unique<LocalServer>(std::move(shared));
}

}  // namespace latchkey::localapi
