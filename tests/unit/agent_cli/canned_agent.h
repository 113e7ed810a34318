#pragma once

// A server thread on a Unix socket or a pipe that answers what a test tells it to, byte for byte.

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/unit/platform/temporary_directory.h"

namespace latchkey::cli {

class CannedAgent {
public:
    /// Given the whole request, returns the raw bytes of the answer.
    using Answer = std::function<std::string(const std::string& request)>;

    explicit CannedAgent(Answer answer);
    CannedAgent(const CannedAgent&) = delete;
    CannedAgent& operator=(const CannedAgent&) = delete;
    ~CannedAgent();

    std::string endpoint() const { return endpoint_; }
    /// Every request so far; call it when the client has its answer.
    const std::vector<std::string>& requests() const { return requests_; }

private:
    void serve();

    platform::TemporaryDirectory directory_;
    std::string endpoint_ = fakes::new_endpoint(directory_.path()).string();
    Answer answer_;
    std::vector<std::string> requests_;
    std::intptr_t listener_ = -1;  ///< the socket, or an event that ends the waiting
    std::thread thread_;
};

/// Headers, and as much body as they announce.
bool is_whole_request(const std::string& request);

std::string http(int status, std::string_view body);

/// Answers each target ("POST /v1/reload") with its body, 404 otherwise.
CannedAgent::Answer by_target(std::vector<std::pair<std::string, std::string>> bodies);

/// What follows the headers.
std::string body_of(const std::string& request);

}  // namespace latchkey::cli
