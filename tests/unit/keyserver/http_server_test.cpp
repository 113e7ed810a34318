// The server behind real TLS on loopback, everything on the test's thread.

#include "keyserver/http/http_server.h"

#include <gtest/gtest.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "agent/net/key_server_client.h"
#include "keyserver/policy.h"
#include "platform/clock.h"
#include "tests/unit/keyserver/test_server.h"

namespace latchkey::keyserver {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

/// Says hello, and once it was asked for "/stop", stops the server before it answers.
class Greeter final : public HttpHandler {
public:
    std::optional<HttpResponse> quick(const HttpRequest& request) override {
        ++asked;
        if (request.target == "/stop") return std::nullopt;
        if (request.target == "/cut" || request.target == "/nothing")
            return HttpResponse{
                .status = 200,
                .content_type = "text/plain",
                .body = std::string(1000, 'x'),
                .retry_after_s = {},
                .delivery = request.target == "/cut" ? Delivery::cut_short : Delivery::none};
        return HttpResponse{200, "text/plain", "hello " + request.body, {}};
    }
    HttpResponse answer(const HttpRequest&) override {
        if (server) server->stop();
        return {200, "text/plain", "the last word", {}};
    }
    void answered(const HttpRequest& request, const HttpResponse& response) override {
        told.push_back(request.method + " " + request.target + " " +
                       std::to_string(response.status) + " " + std::string(response.code));
    }
    void connections(std::size_t open) override { opened.push_back(open); }
    int asked = 0;
    std::vector<std::string> told;
    std::vector<std::size_t> opened;
    HttpServer* server = nullptr;
};

class Https : public ::testing::Test {
protected:
    Https() : now(platform::system_clock()->now().wall) {}

    std::shared_ptr<HttpServer> serve(HttpHandler& handler, std::size_t most = kMaxConnections) {
        const auto tls = ensure_server_certificate(directory.path(), "acme", "127.0.0.1", now);
        EXPECT_TRUE(tls) << tls.error().detail;
        auto server = serve_https(io.get_executor(), io.get_executor(), handler, calendar,
                                  {"127.0.0.1", 0}, *tls, most);
        EXPECT_TRUE(server) << server.error().detail;
        return *server;
    }

    /// Talks TLS to the server, one step at a time.
    class Client {
    public:
        explicit Client(Https& test, int tls_version = TLS1_3_VERSION)
            : tls_(asio::ssl::context::tls_client) {
            SSL_CTX_set_max_proto_version(tls_.native_handle(), tls_version);
            tls_.load_verify_file((test.directory.path() / "ca.pem").string());
            tls_.set_verify_mode(asio::ssl::verify_peer);
            stream_.emplace(test.io, tls_);
            stream_->set_verify_callback(asio::ssl::host_name_verification("127.0.0.1"));
        }
        /// False: TLS did not come about. `connected`: over that connection instead of its own.
        asio::awaitable<bool> connect(std::uint16_t port,
                                      std::shared_ptr<tcp::socket> connected = {}) {
            if (connected)
                stream_->next_layer() = std::move(*connected);
            else
                co_await stream_->lowest_layer().async_connect(
                    {asio::ip::address_v4::loopback(), port}, kAwait);
            // What is said arrives when it is said.
            stream_->lowest_layer().set_option(tcp::no_delay(true));
            auto [failed] =
                co_await stream_->async_handshake(asio::ssl::stream_base::client, kAwait);
            co_return !failed;
        }
        /// How many bytes it got rid of.
        asio::awaitable<std::size_t> say(std::string bytes) {
            auto [cut_off, size] =
                co_await asio::async_write(*stream_, asio::buffer(bytes), kAwait);
            co_return size;
        }
        /// Until the server closes.
        asio::awaitable<std::string> hear() {
            std::string answer;
            co_await asio::async_read(*stream_, asio::dynamic_buffer(answer), kAwait);
            co_return answer;
        }

    private:
        asio::ssl::context tls_;
        std::optional<asio::ssl::stream<tcp::socket>> stream_;
    };

    /// Sends bytes over TLS and reads until the server closes; empty where TLS did not come about.
    asio::awaitable<std::string> exchange(std::uint16_t port, std::string bytes, int tls_version,
                                          std::shared_ptr<tcp::socket> connected = {}) {
        Client client(*this, tls_version);
        const bool greeted = co_await client.connect(port, std::move(connected));
        if (!greeted) co_return std::string();
        sent = co_await client.say(std::move(bytes));
        co_return co_await client.hear();
    }

    /// Runs one client, then stops the server; returns when both are done.
    std::string talk(HttpServer& server, std::string bytes, int tls_version = TLS1_3_VERSION) {
        std::string answer;
        asio::co_spawn(io, exchange(server.port(), std::move(bytes), tls_version),
                       [&](std::exception_ptr, std::string said) {
                           answer = std::move(said);
                           server.stop();
                       });
        io.run();
        return answer;
    }

    TemporaryDirectory directory;
    WallTime now;
    std::function<WallTime()> calendar = [] {
        return parse_wall_time("2026-11-28T09:05:07Z").value();
    };
    asio::io_context io{1};
    std::size_t sent = 0;  ///< bytes the last exchange got rid of
    Greeter greeter;
};

constexpr const char* kGet = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr const char* kGetAndClose = "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

TEST_F(Https, one_connection_serves_many_requests) {
    const auto server = serve(greeter);
    const auto answer = talk(*server, std::string(kGet) + kGet + kGetAndClose);
    EXPECT_EQ(greeter.asked, 3);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
    EXPECT_NE(answer.find("Cache-Control: no-store"), std::string::npos);
    EXPECT_NE(answer.find("Date: Sat, 28 Nov 2026 09:05:07 GMT\r\n"), std::string::npos);
}

TEST_F(Https, head_is_told_the_length_of_what_get_would_bring) {
    const auto server = serve(greeter);
    const auto answer =
        talk(*server, "HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\n" + std::string(kGetAndClose));
    EXPECT_NE(answer.find("Content-Length: 6\r\n\r\nHTTP/1.1 200 OK"), std::string::npos)
        << "and the next answer follows at once: " << answer;
    EXPECT_TRUE(answer.ends_with("\r\n\r\nhello "));
}

TEST_F(Https, a_request_names_its_host_once) {
    for (const std::string headers : {"", "Host: a\r\nHost: b\r\n"}) {
        const auto server = serve(greeter);
        const auto answer = talk(*server, "GET /hello HTTP/1.1\r\n" + headers + "\r\n");
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 400")) << answer;
        EXPECT_NE(answer.find("Host"), std::string::npos);
        io.restart();
    }
    EXPECT_EQ(greeter.asked, 0);
    const auto server = serve(greeter);
    EXPECT_TRUE(talk(*server, "GET /hello HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 200"))
        << "before HTTP/1.1 there was none";
}

TEST_F(Https, tells_of_each_answer_and_of_what_could_not_be_read) {
    const auto server = serve(greeter);
    talk(*server, std::string(kGet) + "BLA\r\n\r\n");
    EXPECT_EQ(greeter.told, (std::vector<std::string>{"GET /hello 200 ", "  400 request_invalid"}));
    EXPECT_EQ(greeter.opened, (std::vector<std::size_t>{1, 0}));
}

TEST_F(Https, an_answer_may_be_cut_short_or_kept_back_where_trials_want_it) {
    const auto server = serve(greeter);
    const auto cut = talk(*server, "GET /cut HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(cut.starts_with("HTTP/1.1 200")) << cut;
    EXPECT_LT(cut.size(), 1000u);
    io.restart();
    const auto another = serve(greeter);
    EXPECT_EQ(talk(*another, "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n"), "");
}

TEST_F(Https, older_tls_is_refused) {
    const auto server = serve(greeter);
    EXPECT_EQ(talk(*server, kGetAndClose, TLS1_2_VERSION), "");
    EXPECT_EQ(greeter.asked, 0);
}

TEST_F(Https, plain_http_on_the_port_is_closed_without_an_answer) {
    const auto server = serve(greeter);
    std::string answer;
    const auto plain = [&]() -> asio::awaitable<void> {
        tcp::socket socket(io);
        co_await socket.async_connect({asio::ip::address_v4::loopback(), server->port()}, kAwait);
        co_await asio::async_write(socket, asio::buffer(std::string_view(kGet)), kAwait);
        co_await asio::async_read(socket, asio::dynamic_buffer(answer), kAwait);
        server->stop();
    };
    asio::co_spawn(io, plain, asio::detached);
    io.run();
    EXPECT_EQ(answer.find("HTTP"), std::string::npos);
    EXPECT_EQ(greeter.asked, 0);
}

TEST_F(Https, a_body_over_the_limit_is_refused_before_it_is_read) {
    const auto server = serve(greeter);
    const auto answer =
        talk(*server, "POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 413")) << answer;
    EXPECT_NE(answer.find("request_too_large"), std::string::npos);
    EXPECT_EQ(greeter.asked, 0);
}

TEST_F(Https, a_chunked_body_over_the_limit_is_refused_too) {
    const auto server = serve(greeter);
    const std::string chunk = "8000\r\n" + std::string(0x8000, 'x') + "\r\n";
    const auto answer =
        talk(*server, "POST /hello HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" +
                          chunk + chunk + chunk);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 413")) << answer.substr(0, 100);
}

TEST_F(Https, a_refusal_arrives_though_the_client_goes_on_sending) {
    const auto server = serve(greeter);
    const std::string body(200'000, 'x');
    const auto answer = talk(*server, "POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: " +
                                          std::to_string(body.size()) + "\r\n\r\n" + body);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 413")) << answer.substr(0, 100);
    EXPECT_GT(sent, body.size()) << "nothing cut it off meanwhile";
}

TEST_F(Https, a_client_that_never_stops_sending_is_cut_off) {
    const auto server = serve(greeter);
    const std::string body(64 * kMaxRefusedRest, 'x');
    talk(*server, "POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n" + body);
    EXPECT_LT(sent, body.size() / 2) << "what is beyond the bound lies in the sockets' buffers";
    EXPECT_EQ(greeter.asked, 0);
}

/// Connections that say nothing hold the server at a limit, then one of them goes.
class AtTheLimit : public Https {
protected:
    struct Told {
        std::string beyond = "not asked";
        std::string elsewhere;  ///< from another address
        std::string again;      ///< with one connection fewer
    };

    Told told(HttpServer& server, std::size_t limit) {
        Told told;
        const auto story = [&]() -> asio::awaitable<void> {
            std::vector<std::shared_ptr<tcp::socket>> silent;
            while (silent.size() < limit) silent.push_back(co_await from(1, server.port()));
            told.beyond = co_await exchange(server.port(), kGetAndClose, TLS1_3_VERSION);
            const auto other = co_await from(2, server.port());
            told.elsewhere = co_await exchange(server.port(), kGetAndClose, TLS1_3_VERSION, other);
            silent.pop_back();
            for (int i = 0; i < 1000 && told.again.empty(); ++i)  // until it has seen the close
                told.again = co_await exchange(server.port(), kGetAndClose, TLS1_3_VERSION);
            server.stop();
        };
        asio::co_spawn(io, story, asio::detached);
        io.run();
        return told;
    }

private:
    asio::awaitable<std::shared_ptr<tcp::socket>> from(std::uint8_t host, std::uint16_t port) {
        auto socket = std::make_shared<tcp::socket>(io, tcp::v4());
        socket->bind({asio::ip::address_v4({127, 0, 0, host}), 0});
        co_await socket->async_connect({asio::ip::address_v4::loopback(), port}, kAwait);
        co_return socket;
    }
};

TEST_F(AtTheLimit, more_connections_than_it_may_hold_are_closed_at_once) {
    const auto server = serve(greeter, 2);
    const auto [beyond, elsewhere, again] = told(*server, 2);
    EXPECT_EQ(beyond, "");
    EXPECT_EQ(elsewhere, "") << "whoever asks";
    EXPECT_TRUE(again.starts_with("HTTP/1.1 200")) << again;
}

TEST_F(AtTheLimit, one_address_gets_its_share_of_connections_and_a_closed_one_back) {
    const auto server = serve(greeter);
    const auto [beyond, elsewhere, again] = told(*server, kMaxConnectionsPerClient);
    EXPECT_EQ(beyond, "");
    EXPECT_TRUE(elsewhere.starts_with("HTTP/1.1 200")) << elsewhere;
    EXPECT_TRUE(again.starts_with("HTTP/1.1 200")) << again;
}

TEST_F(Https, headers_over_the_limit_are_refused) {
    const auto server = serve(greeter);
    const auto answer =
        talk(*server, "GET / HTTP/1.1\r\nX: " + std::string(kMaxHeaderBytes, 'x') + "\r\n\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 413")) << answer.substr(0, 100);
}

TEST_F(Https, what_is_no_http_is_told_so_and_closed) {
    const auto server = serve(greeter);
    const auto answer = talk(*server, "EHLO mail.example\r\n\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400")) << answer;
}

TEST_F(Https, stopping_lets_the_answer_under_way_finish) {
    const auto server = serve(greeter);
    greeter.server = server.get();
    const auto answer = talk(*server, "GET /stop HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_NE(answer.find("the last word"), std::string::npos);
    EXPECT_NE(answer.find("Connection: close"), std::string::npos);
}

TEST_F(Https, stopping_closes_who_asks_nothing_and_lets_half_a_request_arrive) {
    const auto server = serve(greeter);
    greeter.server = server.get();
    std::string idle = "not ended";
    std::string late;
    const auto story = [&]() -> asio::awaitable<void> {
        Client silent(*this);
        Client slow(*this);
        co_await silent.connect(server->port());
        co_await slow.connect(server->port());
        co_await slow.say("POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nwo");
        co_await exchange(server->port(), "GET /stop HTTP/1.1\r\nHost: x\r\n\r\n", TLS1_3_VERSION);
        idle = co_await silent.hear();
        co_await slow.say("rld");
        late = co_await slow.hear();
    };
    asio::co_spawn(io, story, asio::detached);
    io.run();
    EXPECT_EQ(idle, "");
    EXPECT_TRUE(late.ends_with("hello world")) << late;
    EXPECT_NE(late.find("Connection: close"), std::string::npos);
}

TEST_F(Https, a_port_in_use_and_a_bad_certificate_are_configuration_errors) {
    const auto server = serve(greeter);
    const auto tls = ensure_server_certificate(directory.path(), "acme", "127.0.0.1", now);
    const auto taken = serve_https(io.get_executor(), io.get_executor(), greeter, calendar,
                                   {"127.0.0.1", server->port()}, *tls);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, Code::config_invalid);
    EXPECT_NE(taken.error().remedy.find("--listen"), std::string::npos);
    const auto wrong = serve_https(io.get_executor(), io.get_executor(), greeter, calendar,
                                   {"127.0.0.1", 0}, {tls->certificate, tls->certificate});
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, Code::config_invalid);
    EXPECT_NE(wrong.error().remedy.find("--tls-certificate"), std::string::npos);
    server->stop();
    io.run();
}

TEST_F(Https, C1_the_agents_own_client_activates_and_is_told_the_last_word_when_refused) {
    TestServer keys;
    const auto key = keys.sell("ai-cloud", 1);
    const auto server = serve(keys.routes());
    const auto client =
        net::make_key_server_client(io.get_executor(), [&] { return keys.clock.since_boot(); });
    const auto& publisher = keys.room().publisher();
    const net::ServerAddress address{"https://127.0.0.1:" + std::to_string(server->port()),
                                     (directory.path() / "ca.pem").string(), "none"};

    int status = 0;
    std::optional<net::CallFailure> refusal;
    const auto story = [&]() -> asio::awaitable<void> {
        for (const Hardware& hardware : {Hardware(), Hardware::another()}) {
            const auto device = licensing::SigningKey::generate();
            const net::Caller caller{
                {publisher.id, publisher.root_version, publisher.root}, 0, &device};
            const net::Call call{"POST", "/v1/activations",
                                 TestDevice(keys).activation_message(key, hardware, 1), "one"};
            auto answer = co_await client->call(address, caller, call);
            if (answer)
                ++status;
            else
                refusal = answer.error();
        }
        server->stop();
    };
    asio::co_spawn(io, story, asio::detached);
    io.run();
    EXPECT_EQ(status, 1);
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->problem.code, Code::activation_limit_reached) << refusal->problem.detail;
    EXPECT_TRUE(refusal->final);
    EXPECT_EQ(refusal->used, 1);
    EXPECT_EQ(refusal->limit, 1);
    EXPECT_EQ(keys.used(), 1);
}

}  // namespace
}  // namespace latchkey::keyserver
