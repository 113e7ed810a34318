// skeleton SOCKET: the least a daemon of this kind can be: Asio, OpenSSL and SQLite set up, one
// Unix socket listening, "ready" said. The yardstick of the idle agent and of its start.

#include <openssl/evp.h>
#include <sqlite3.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdio>

int main(int argc, char** argv) {
    namespace asio = boost::asio;
    if (argc < 2) return 64;
    sqlite3* database = nullptr;
    if (sqlite3_open(":memory:", &database) != SQLITE_OK) return 1;
    sqlite3_exec(database, "CREATE TABLE state(id INTEGER PRIMARY KEY, row BLOB)", nullptr, nullptr,
                 nullptr);
    unsigned char digest[32];
    unsigned int size = sizeof digest;
    EVP_Digest("latchkey", 8, digest, &size, EVP_sha256(), nullptr);
    asio::ssl::context tls(asio::ssl::context::tls_client);
    asio::io_context context;
    asio::local::stream_protocol::acceptor acceptor(
        context, asio::local::stream_protocol::endpoint(argv[1]));
    acceptor.async_accept([](const auto&, auto) {});
    asio::steady_timer timer(context, std::chrono::hours(24));
    timer.async_wait([](const auto&) {});
    asio::signal_set signals(context, SIGTERM, SIGINT);
    signals.async_wait([&](const auto&, int) { context.stop(); });
    std::puts("ready");
    std::fflush(stdout);
    context.run();
    sqlite3_close(database);
}
