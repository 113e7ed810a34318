#pragma once

// What may stand where a key server should: a TLS endpoint on loopback that answers what the test
// says, or hands on to the real key server and listens in. And a port that speaks no TLS at all.

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/e2e/world.h"

namespace latchkey::e2e {

struct WireRequest {
    std::string method;
    std::string target;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

struct WireResponse {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
};

/// Called on a connection's own thread, one request at a time.
using WireHandler = std::function<WireResponse(const WireRequest&)>;

enum class Certificate { good, expired, other_host };

class HttpsResponder {
public:
    HttpsResponder(const World& world, Certificate certificate, WireHandler handler);
    ~HttpsResponder();

    std::string url() const;
    /// The authority that its certificate comes from.
    fs::path ca_file() const;
    int requests() const;

private:
    class Server;
    std::unique_ptr<Server> server_;
};

/// Accepts and answers every connection with these bytes, whatever it hears.
class PlainResponder {
public:
    explicit PlainResponder(std::string bytes);
    ~PlainResponder();
    int port() const;

private:
    class Server;
    std::unique_ptr<Server> server_;
};

/// Sends the request to a key server ("https://127.0.0.1:PORT") and brings back its answer.
WireResponse forward(const std::string& url, const WireRequest& request);

}  // namespace latchkey::e2e
