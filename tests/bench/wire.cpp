#include "tests/bench/wire.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <stdexcept>

namespace latchkey::bench {

Target::Target(std::string port, const std::string& ca_file)
    : port_(std::move(port)), tls_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_min_proto_version(tls(), TLS1_3_VERSION);
    if (SSL_CTX_load_verify_locations(tls(), ca_file.c_str(), nullptr) != 1)
        throw std::runtime_error("cannot read " + ca_file);
    SSL_CTX_set_verify(tls(), SSL_VERIFY_PEER, nullptr);
}

Wire::Wire(const Target& target)
    : socket_(::socket(AF_INET, SOCK_STREAM, 0)), tls_(SSL_new(target.tls())) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(target.port())));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const bool connected =
        ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    SSL_set_fd(tls_, socket_);
    if (connected && SSL_connect(tls_) == 1) return;
    SSL_free(tls_);
    ::close(socket_);
    throw std::runtime_error(connected ? "no TLS with the server" : "cannot connect");
}

Wire::~Wire() {
    SSL_shutdown(tls_);
    SSL_free(tls_);
    ::close(socket_);
}

Answer Wire::exchange(const std::string& request) {
    if (SSL_write(tls_, request.data(), static_cast<int>(request.size())) <= 0)
        throw std::runtime_error("cannot write");
    std::string got;
    std::size_t wanted = std::string::npos;
    std::array<char, 16384> chunk;
    while (got.size() < wanted) {
        const int read = SSL_read(tls_, chunk.data(), static_cast<int>(chunk.size()));
        if (read <= 0) throw std::runtime_error("the answer was cut short");
        got.append(chunk.data(), static_cast<std::size_t>(read));
        const auto end = got.find("\r\n\r\n");
        const auto length = got.find("Content-Length: ");
        if (wanted == std::string::npos && end != std::string::npos && length < end)
            wanted = end + 4 + std::strtoul(got.c_str() + length + 16, nullptr, 10);
    }
    return {std::atoi(got.c_str() + 9), got.substr(got.find("\r\n\r\n") + 4)};
}

}  // namespace latchkey::bench
