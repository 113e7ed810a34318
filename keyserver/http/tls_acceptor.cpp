#include "keyserver/http/tls_acceptor.h"

namespace latchkey::keyserver {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
using asio::ip::tcp;
using boost::system::error_code;

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

}  // namespace latchkey::keyserver
