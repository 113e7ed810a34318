#include "tests/unit/agent_cli/canned_agent.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>

namespace latchkey::cli {
namespace {

/// All of one request: headers, and as much body as they announce.
std::string read_request(int connection) {
    std::string request;
    std::array<char, 4096> piece;
    for (;;) {
        const auto head = request.find("\r\n\r\n");
        if (head != std::string::npos) {
            const auto length = request.find("Content-Length: ");
            const std::size_t body =
                length == std::string::npos ? 0 : std::stoul(request.substr(length + 16));
            if (request.size() >= head + 4 + body) return request;
        }
        const ssize_t got = ::recv(connection, piece.data(), piece.size(), 0);
        if (got <= 0) return request;
        request.append(piece.data(), static_cast<std::size_t>(got));
    }
}

}  // namespace

CannedAgent::CannedAgent(Answer answer) : answer_(std::move(answer)) {
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, endpoint().c_str(), sizeof address.sun_path - 1);
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_, 8) != 0)
        std::abort();
    thread_ = std::thread([this] { serve(); });
}

CannedAgent::~CannedAgent() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
}

void CannedAgent::serve() {
    for (;;) {
        const int connection = ::accept(listener_, nullptr, nullptr);
        if (connection < 0) return;
        requests_.push_back(read_request(connection));
        const std::string answer = answer_(requests_.back());
        ::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
        ::close(connection);
    }
}

std::string http(int status, std::string_view body) {
    return "HTTP/1.1 " + std::to_string(status) +
           " Words\r\nServer: latchkeyd\r\nContent-Type: application/json\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

CannedAgent::Answer by_target(std::vector<std::pair<std::string, std::string>> bodies) {
    return [bodies = std::move(bodies)](const std::string& request) {
        for (const auto& [target, body] : bodies)
            if (request.starts_with(target + " ")) return http(200, body);
        return http(404, R"({"schema_version":"1.0","error":{"code":"product_unknown",)"
                         R"("title":"","detail":"no such path","retryable":false,"remedy":""}})");
    };
}

std::string body_of(const std::string& request) {
    const auto end = request.find("\r\n\r\n");
    return end == std::string::npos ? std::string() : request.substr(end + 4);
}

}  // namespace latchkey::cli
