#pragma once

// The server's end of TLS on a socket, as coroutines, with one deadline over whatever goes on. An
// idle connection keeps no buffers: Asio's own ssl::stream keeps 34 kB for each.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>

#include <memory>
#include <string_view>

#include "base/time.h"

namespace latchkey::keyserver {

/// One thread. What goes on when the deadline passes, or close() is called, ends with an error; so
/// does all that follows. Must outlive it.
class TlsStream {
public:
    using Socket = boost::asio::ip::tcp::socket;
    using Error = boost::system::error_code;

    TlsStream(Socket socket, boost::asio::ssl::context& tls);
    ~TlsStream();
    TlsStream(const TlsStream&) = delete;
    TlsStream& operator=(const TlsStream&) = delete;

    boost::asio::awaitable<Error> handshake();
    /// Some bytes; asio::error::eof where the other end is done.
    boost::asio::awaitable<Error> read_some(boost::asio::mutable_buffer into, std::size_t& size);
    boost::asio::awaitable<Error> write(std::string_view bytes);
    /// Says goodbye and waits for the other end's.
    boost::asio::awaitable<void> shutdown();

    /// From now on, until it is set anew.
    void expires_after(Duration time);
    void expires_never();
    void close();

    Socket& socket() { return socket_; }

private:
    struct FreeSsl {
        void operator()(SSL* ssl) const { SSL_free(ssl); }
    };
    template <class Step>
    boost::asio::awaitable<Error> repeat(Step step);

    Socket socket_;
    boost::asio::steady_timer deadline_;
    std::shared_ptr<unsigned> setting_;  ///< counts settings of the deadline: an older one is void
    std::unique_ptr<SSL, FreeSsl> ssl_;
};

}  // namespace latchkey::keyserver
