#pragma once

// The client's half of a load measurement: a blocking TLS 1.3 connection and one HTTP exchange on
// it, as cheap as they can be made, so that the server is what is measured.

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace latchkey::bench {

struct Answer {
    int status = 0;
    std::string body;
};

/// Where and under which authority. One for all threads.
class Target {
public:
    Target(std::string port, const std::string& ca_file);
    const std::string& port() const { return port_; }
    SSL_CTX* tls() const { return tls_.get(); }

private:
    struct FreeContext {
        void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    };
    std::string port_;
    std::unique_ptr<SSL_CTX, FreeContext> tls_;
};

/// Connected and shaken hands with; throws std::runtime_error otherwise.
class Wire {
public:
    explicit Wire(const Target& target);
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;
    ~Wire();

    /// Sends a whole request and reads a whole response with Content-Length.
    Answer exchange(const std::string& request);

private:
    int socket_ = -1;
    SSL* tls_ = nullptr;
};

}  // namespace latchkey::bench
