#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>

#include "tests/unit/agent_cli/canned_agent.h"

namespace latchkey::cli {
namespace {

std::string read_request(int connection) {
    std::string request;
    std::array<char, 4096> piece;
    while (!is_whole_request(request)) {
        const ssize_t got = ::recv(connection, piece.data(), piece.size(), 0);
        if (got <= 0) return request;
        request.append(piece.data(), static_cast<std::size_t>(got));
    }
    return request;
}

}  // namespace

CannedAgent::CannedAgent(Answer answer) : answer_(std::move(answer)) {
    const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, endpoint_.c_str(), sizeof address.sun_path - 1);
    if (::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener, 8) != 0)
        std::abort();
    listener_ = listener;
    thread_ = std::thread([this] { serve(); });
}

CannedAgent::~CannedAgent() {
    ::shutdown(static_cast<int>(listener_), SHUT_RDWR);
    thread_.join();
    ::close(static_cast<int>(listener_));
}

void CannedAgent::serve() {
    for (;;) {
        const int connection = ::accept(static_cast<int>(listener_), nullptr, nullptr);
        if (connection < 0) return;
        requests_.push_back(read_request(connection));
        const std::string answer = answer_(requests_.back());
        ::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
        ::close(connection);
    }
}

}  // namespace latchkey::cli
