#include "tests/unit/agent_cli/canned_agent.h"

namespace latchkey::cli {

bool is_whole_request(const std::string& request) {
    const auto head = request.find("\r\n\r\n");
    if (head == std::string::npos) return false;
    const auto length = request.find("Content-Length: ");
    const std::size_t body =
        length == std::string::npos ? 0 : std::stoul(request.substr(length + 16));
    return request.size() >= head + 4 + body;
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
