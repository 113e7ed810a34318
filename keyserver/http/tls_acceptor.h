#pragma once

// What an HTTPS server begins with: its certificate and its port. Private to the HTTP server.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "base/result.h"
#include "keyserver/http/http_server.h"

namespace latchkey::keyserver {

/// TLS 1.3 with this certificate. Fails with Code::config_invalid where the files cannot be read.
Result<boost::asio::ssl::context> tls_context(const TlsFiles& files);

/// Listens. Fails with Code::config_invalid for an address that cannot be used.
Result<boost::asio::ip::tcp::acceptor> open_acceptor(const boost::asio::any_io_executor& executor,
                                                     const ListenAddress& address);

}  // namespace latchkey::keyserver
