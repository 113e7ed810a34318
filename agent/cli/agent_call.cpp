#include "agent/cli/agent_call.h"

#include "base/path_text.h"
#include "platform/paths.h"
#include "platform/words.h"

namespace latchkey::cli {
namespace {

/// Who started this program sits at the machine whose agent it is.
Problem with_remedy(Problem problem) {
    if (problem.code == Code::agent_unreachable && problem.remedy.empty())
        problem.remedy = "Start it ('" + std::string(platform::start_command()) +
                         "'), or name its socket with --socket. Where it does not stay, 'latchkeyd "
                         "check-config' and its log say why.";
    return problem;
}

}  // namespace

Result<localapi::ClientOptions> find_agent(const Common& common) {
    localapi::ClientOptions options;
    options.timeout = common.timeout;
    if (!common.socket.empty()) {
        options.endpoint = utf8_path(common.socket);
        return options;
    }
    const auto policy = platform::read_policy();
    if (!policy) return fail(policy.error());
    auto socket = socket_of_policy(*policy);
    if (socket && socket->empty() && !common.config.empty())
        socket = socket_of_config(common.config);
    if (!socket) return fail(std::move(socket.error()));
    options.endpoint = utf8_path(*socket);
    if (options.endpoint.empty()) options.endpoint = platform::default_paths().endpoint;
    return options;
}

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
                                c == '~';
        if (unreserved) {
            encoded += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        encoded += {'%', kDigits[byte >> 4], kDigits[byte & 15u]};
    }
    return encoded;
}

std::string product_path(std::string_view product, std::string_view verb) {
    return "/v1/products/" + percent_encoded(product) + "/" + std::string(verb);
}

Result<json::bj::value> ask(const Common& common, std::string_view method, std::string_view target,
                            const json::bj::value* body) {
    const auto agent = find_agent(common);
    if (!agent) return fail(agent.error());
    auto answer = localapi::request(*agent, method, target, body);
    if (!answer) return fail(with_remedy(std::move(answer.error())));
    return answer;
}

Result<std::string> ask_text(const Common& common, std::string_view method,
                             std::string_view target) {
    const auto agent = find_agent(common);
    if (!agent) return fail(agent.error());
    auto answer = localapi::request_text(*agent, method, target, nullptr);
    if (!answer) return fail(with_remedy(std::move(answer.error())));
    return answer;
}

}  // namespace latchkey::cli
