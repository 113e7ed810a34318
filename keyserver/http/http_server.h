#pragma once

// HTTPS for the routes: TLS 1.3 only, one deadline on every step, bounded sizes and connections,
// keep-alive. All of it runs on one executor (one thread, or the test's); answers that need the
// store are made on the worker's, so that a slow disk stops nobody from connecting.

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "keyserver/http/http.h"
#include "keyserver/keys/certificates.h"
#include "keyserver/policy.h"

namespace latchkey::keyserver {

struct ListenAddress {
    std::string host;  ///< an address or a name of this machine
    std::uint16_t port = 0;
};

/// "127.0.0.1:8443", "[::1]:0", "localhost:8443". Fails with Code::usage.
Result<ListenAddress> parse_listen_address(std::string_view text);
/// The same, written back for a URL.
std::string to_text(const ListenAddress& address);

class HttpServer {
public:
    virtual ~HttpServer() = default;
    /// The port in use, also where 0 was asked for.
    virtual std::uint16_t port() const = 0;
    /// Takes no more connections and closes the idle ones. Requests that are half here get
    /// kArrivalDeadline to arrive, answers under way kDrainDeadline to be told. The executor runs
    /// out of work then.
    virtual void stop() = 0;
};

/// Accepts from now on, `most_connections` at a time: more are closed at once. `calendar` tells the
/// time of answers. `handler` and both executors must outlive the server's work. Fails with
/// Code::config_invalid for an address that cannot be used or certificates that cannot be read.
Result<std::shared_ptr<HttpServer>> serve_https(boost::asio::any_io_executor network,
                                                boost::asio::any_io_executor worker,
                                                HttpHandler& handler,
                                                std::function<WallTime()> calendar,
                                                const ListenAddress& address, const TlsFiles& tls,
                                                std::size_t most_connections = kMaxConnections);

}  // namespace latchkey::keyserver
