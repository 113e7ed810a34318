#include "keyserver/http/tls_stream.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstdlib>

namespace latchkey::keyserver {
namespace {

namespace asio = boost::asio;
using Error = TlsStream::Error;
using Socket = TlsStream::Socket;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

// A BIO over a socket that does not block. OpenSSL's own would raise SIGPIPE.

Socket& socket_of(BIO* bio) { return *static_cast<Socket*>(BIO_get_data(bio)); }

int moved(BIO* bio, const Error& ec, std::size_t size, std::size_t& done, int retry) {
    BIO_clear_retry_flags(bio);
    done = size;
    if (!ec) return 1;
    if (ec == asio::error::would_block || ec == asio::error::try_again) BIO_set_flags(bio, retry);
    return 0;
}

int bio_read(BIO* bio, char* into, std::size_t size, std::size_t* done) {
    Error ec;
    const auto got = socket_of(bio).read_some(asio::buffer(into, size), ec);
    return moved(bio, ec, got, *done, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY);
}

int bio_write(BIO* bio, const char* from, std::size_t size, std::size_t* done) {
    Error ec;
    const auto put = socket_of(bio).write_some(asio::buffer(from, size), ec);
    return moved(bio, ec, put, *done, BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY);
}

long bio_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

const BIO_METHOD* method() {
    static const BIO_METHOD* const kMethod = [] {
        BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
        if (!made || BIO_meth_set_read_ex(made, bio_read) != 1 ||
            BIO_meth_set_write_ex(made, bio_write) != 1 ||
            BIO_meth_set_ctrl(made, bio_control) != 1)
            std::abort();
        return made;
    }();
    return kMethod;
}

}  // namespace

TlsStream::TlsStream(Socket socket, asio::ssl::context& tls)
    : socket_(std::move(socket)),
      deadline_(socket_.get_executor()),
      setting_(std::make_shared<unsigned>(0)),
      ssl_(SSL_new(tls.native_handle())) {
    BIO* bio = BIO_new(method());
    if (!ssl_ || !bio) std::abort();  // no memory
    BIO_set_data(bio, &socket_);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_accept_state(ssl_.get());
    Error ignored;
    socket_.non_blocking(true, ignored);
}

TlsStream::~TlsStream() { ++*setting_; }

/// Until `step` is through, waiting for the socket as often as it takes.
template <class Step>
asio::awaitable<Error> TlsStream::repeat(Step step) {
    for (;;) {
        if (!socket_.is_open()) co_return asio::error::operation_aborted;
        ERR_clear_error();
        const int result = step(ssl_.get());
        if (result == 1) co_return Error{};
        const int why = SSL_get_error(ssl_.get(), result);
        if (why == SSL_ERROR_ZERO_RETURN) co_return asio::error::eof;
        if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
            co_return asio::error::connection_aborted;
        const auto side = why == SSL_ERROR_WANT_READ ? Socket::wait_read : Socket::wait_write;
        auto [ec] = co_await socket_.async_wait(side, kAwait);
        if (ec) co_return ec;
    }
}

asio::awaitable<Error> TlsStream::handshake() {
    return repeat([](SSL* ssl) { return SSL_do_handshake(ssl); });
}

asio::awaitable<Error> TlsStream::read_some(asio::mutable_buffer into, std::size_t& size) {
    size = 0;
    return repeat(
        [into, &size](SSL* ssl) { return SSL_read_ex(ssl, into.data(), into.size(), &size); });
}

asio::awaitable<Error> TlsStream::write(std::string_view bytes) {
    if (bytes.empty()) co_return Error{};
    std::size_t written = 0;  // all of it or nothing: partial writes are not switched on
    co_return co_await repeat([bytes, &written](SSL* ssl) {
        return SSL_write_ex(ssl, bytes.data(), bytes.size(), &written);
    });
}

asio::awaitable<void> TlsStream::shutdown() {
    (void)co_await repeat([](SSL* ssl) {
        const int said = SSL_shutdown(ssl);
        return said == 0 ? SSL_shutdown(ssl) : said;  // 0: ours is out, now for the other's
    });
}

void TlsStream::expires_after(Duration time) {
    deadline_.expires_after(time);
    deadline_.async_wait([this, setting = setting_, mine = ++*setting_](Error ec) {
        if (!ec && *setting == mine) close();
    });
}

void TlsStream::expires_never() {
    ++*setting_;
    deadline_.cancel();
}

void TlsStream::close() {
    Error ignored;
    socket_.close(ignored);
}

}  // namespace latchkey::keyserver
