#include "agent/net/http_connection.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

namespace latchkey::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

constexpr std::uint64_t kMaxBody = 64 * 1024;
constexpr std::uint32_t kMaxHeader = 16 * 1024;
constexpr int kHttp11 = 11;

Failure unreachable(const HostPort& at, const std::string& why) {
    return fail(Code::keyserver_unreachable, at.text() + ": " + why);
}

std::string words(const error_code& error) {
    if (error == beast::error::timeout || error == asio::error::timed_out)
        return "no answer in time";
    if (error == asio::error::connection_refused) return "connection refused";
    if (error == http::error::end_of_stream || error == asio::error::eof)
        return "the connection was closed before the answer";
    if (error == http::error::partial_message || error == asio::ssl::error::stream_truncated)
        return "the connection broke off in the middle of the answer";
    return error.message();
}

/// getaddrinfo cannot be interrupted, so it finishes by itself while we stop waiting for it.
struct Lookup {
    explicit Lookup(const asio::any_io_executor& executor) : resolver(executor), bell(executor) {}
    tcp::resolver resolver;
    asio::steady_timer bell;
    error_code error = asio::error::timed_out;
    tcp::resolver::results_type found;
};

asio::awaitable<Result<tcp::resolver::results_type>> resolve(asio::any_io_executor executor,
                                                             HostPort host, Duration deadline) {
    const auto lookup = std::make_shared<Lookup>(executor);
    lookup->bell.expires_after(deadline);
    lookup->resolver.async_resolve(
        host.host, host.port, [lookup](const error_code& error, tcp::resolver::results_type found) {
            lookup->error = error;
            lookup->found = std::move(found);
            lookup->bell.cancel();
        });
    error_code ignored;
    co_await lookup->bell.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    if (lookup->error == asio::error::timed_out)
        co_return unreachable(host, "the name was not resolved in time");
    if (lookup->error)
        co_return unreachable(host, "the name cannot be resolved: " + lookup->error.message());
    co_return lookup->found;
}

/// What a failed handshake means.
Problem handshake_problem(const Route& route, const error_code& error,
                          const CertificateTrouble& trouble) {
    const HostPort& server = route.server;
    const std::string at = server.text() + ": ";
    if (error.category() != asio::error::get_ssl_category())
        return {Code::keyserver_unreachable, at + "TLS handshake: " + words(error), {}};
    // Somebody whom this system trusts, and who is not the configured authority, speaks in the key
    // server's name: that is how an inspecting proxy looks from here.
    if (route.own_authority && trouble.is_unknown_issuer() &&
        is_good_for_the_system(trouble, server.host))
        return {Code::tls_intercepted,
                at + "its certificate was issued by " + trouble.issuer +
                    ", which this system trusts and the configured ca_file does not",
                {}};
    if (trouble.error != 0) return {Code::tls_untrusted, at + trouble.reason(), {}};
    const int reason = ERR_GET_REASON(static_cast<unsigned long>(error.value()));
    if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST)
        return {Code::captive_portal, at + "something that does not speak TLS answered", {}};
    return {Code::tls_untrusted, at + "TLS handshake: " + error.message(), {}};
}

class TlsConnection final : public HttpConnection {
public:
    TlsConnection(asio::any_io_executor executor, Route route, Deadlines deadlines)
        : executor_(std::move(executor)),
          route_(std::move(route)),
          deadlines_(deadlines),
          stream_(executor_, *route_.tls) {}

    asio::awaitable<Result<void>> open() {
        const HostPort first = route_.proxy ? *route_.proxy : route_.server;
        auto found = co_await resolve(executor_, first, deadlines_.resolve);
        if (!found) co_return fail(std::move(found.error()));
        note_addresses(*found);
        error_code error;
        auto& tcp = beast::get_lowest_layer(stream_);
        tcp.expires_after(deadlines_.connect);
        co_await tcp.async_connect(*found, asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return unreachable(first, words(error));
        if (route_.proxy) {
            auto tunnelled = co_await tunnel();
            if (!tunnelled) co_return tunnelled;
        }
        note_peer();
        trouble_.passed = route_.passed;
        expect_server(stream_.native_handle(), route_.server.host, trouble_);
        tcp.expires_after(deadlines_.handshake);
        ERR_clear_error();
        co_await stream_.async_handshake(asio::ssl::stream_base::client,
                                         asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return fail(handshake_problem(route_, error, trouble_));
        note_tls();
        co_return Result<void>{};
    }

    asio::awaitable<Result<HttpAnswer>> exchange(HttpRequest request) override {
        http::request<http::string_body> message(http::string_to_verb(request.method),
                                                 request.target, kHttp11);
        message.set(http::field::host, route_.server.text());
        message.set(http::field::accept, "application/json");
        for (const auto& [name, value] : request.headers) message.set(name, value);
        message.body() = std::move(request.body);
        message.prepare_payload();

        error_code error;
        beast::get_lowest_layer(stream_).expires_after(deadlines_.exchange);
        co_await http::async_write(stream_, message,
                                   asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return unreachable(route_.server, words(error));
        http::response_parser<http::string_body> parser;
        parser.body_limit(kMaxBody);
        parser.header_limit(kMaxHeader);
        co_await http::async_read(stream_, buffer_, parser,
                                  asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return fail(answer_problem(error));
        co_return answer_of(parser.release());
    }

private:
    void note_addresses(const tcp::resolver::results_type& found) const {
        if (!route_.way) return;
        for (const auto& entry : found)
            route_.way->addresses.push_back(entry.endpoint().address().to_string());
        route_.way->reached = Reached::name;
    }
    void note_peer() {
        if (!route_.way) return;
        error_code ignored;
        const auto peer = beast::get_lowest_layer(stream_).socket().remote_endpoint(ignored);
        route_.way->peer = peer.address().to_string();
        route_.way->reached = Reached::host;
    }
    void note_tls() {
        if (!route_.way) return;
        route_.way->tls = SSL_get_version(stream_.native_handle());
        route_.way->issuer = issuer_of_peer(stream_.native_handle());
        route_.way->reached = Reached::secured;
    }

    /// Asks the proxy for a way through.
    asio::awaitable<Result<void>> tunnel() {
        http::request<http::empty_body> message(http::verb::connect, route_.server.text(), kHttp11);
        message.set(http::field::host, route_.server.text());
        error_code error;
        auto& tcp = beast::get_lowest_layer(stream_);
        tcp.expires_after(deadlines_.connect);
        co_await http::async_write(tcp, message, asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return unreachable(*route_.proxy, "proxy: " + words(error));
        http::response_parser<http::empty_body> parser;
        parser.skip(true);
        parser.header_limit(kMaxHeader);
        beast::flat_buffer buffer;
        co_await http::async_read_header(tcp, buffer, parser,
                                         asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return unreachable(*route_.proxy, "proxy: " + words(error));
        const int status =
            parser.get().result_int() > 0 ? static_cast<int>(parser.get().result_int()) : 0;
        if (status / 100 != 2)
            co_return unreachable(*route_.proxy, "the proxy refuses the way to " +
                                                     route_.server.text() + " with status " +
                                                     std::to_string(status));
        co_return Result<void>{};
    }

    Problem answer_problem(const error_code& error) const {
        const std::string at = route_.server.text() + ": ";
        if (error == http::error::body_limit || error == http::error::header_limit)
            return {Code::captive_portal, at + "the answer is larger than any of a key server", {}};
        const bool not_http =
            error.category() == make_error_code(http::error::bad_version).category();
        if (not_http && error != http::error::end_of_stream &&
            error != http::error::partial_message)
            return {Code::captive_portal, at + "the answer is not HTTP: " + error.message(), {}};
        return {Code::keyserver_unreachable, at + words(error), {}};
    }

    static HttpAnswer answer_of(http::response<http::string_body> message) {
        const auto field = [&](http::field name) {
            const auto value = message[name];
            return std::string(value.data(), value.size());
        };
        HttpAnswer answer;
        answer.status = static_cast<int>(message.result_int());
        answer.content_type = field(http::field::content_type);
        answer.retry_after = field(http::field::retry_after);
        answer.body = std::move(message.body());
        return answer;
    }

    asio::any_io_executor executor_;
    Route route_;
    Deadlines deadlines_;
    CertificateTrouble trouble_;
    TlsStream stream_;
    beast::flat_buffer buffer_;
};

}  // namespace

bool HttpAnswer::is_json() const {
    return content_type.starts_with("application/json") ||
           content_type.starts_with("application/problem+json");
}

asio::awaitable<Result<std::unique_ptr<HttpConnection>>> connect(asio::any_io_executor executor,
                                                                 Route route, Deadlines deadlines) {
    auto connection =
        std::make_unique<TlsConnection>(std::move(executor), std::move(route), deadlines);
    auto opened = co_await connection->open();
    if (!opened) co_return fail(std::move(opened.error()));
    co_return std::unique_ptr<HttpConnection>(std::move(connection));
}

}  // namespace latchkey::net
