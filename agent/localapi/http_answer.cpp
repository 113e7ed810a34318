#include "agent/localapi/http_answer.h"

#include <algorithm>
#include <charconv>

namespace latchkey::localapi {
namespace {

constexpr std::size_t kMaxHead = 16 * 1024;
constexpr std::string_view kHeadEnd = "\r\n\r\n";

Failure not_an_agent(std::string_view why) {
    return fail(Code::agent_unreachable,
                "what answers there does not speak like the agent: " + std::string(why));
}

bool same_name(std::string_view a, std::string_view lower_case) {
    return std::equal(a.begin(), a.end(), lower_case.begin(), lower_case.end(), [](char x, char y) {
        return (x >= 'A' && x <= 'Z' ? static_cast<char>(x - 'A' + 'a') : x) == y;
    });
}

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

template <class Number>
std::optional<Number> whole_number(std::string_view text) {
    Number value{};
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || stop != text.data() + text.size())
        return std::nullopt;
    return value;
}

/// "HTTP/1.1 200 OK"
std::optional<int> status_of(std::string_view line) {
    constexpr std::string_view kVersion = "HTTP/1.";
    if (line.size() < 12 || line.substr(0, kVersion.size()) != kVersion || line[8] != ' ')
        return std::nullopt;
    if (line.size() > 12 && line[12] != ' ') return std::nullopt;
    const auto status = whole_number<int>(line.substr(9, 3));
    return status && *status >= 200 && *status <= 599 ? status : std::nullopt;
}

}  // namespace

Result<bool> HttpAnswer::add(std::string_view bytes) {
    if (!in_body_) {
        const std::size_t searched = head_.size() < 3 ? 0 : head_.size() - 3;
        head_.append(bytes);
        const auto end = head_.find(kHeadEnd, searched);
        if (std::min(end, head_.size()) > kMaxHead) return not_an_agent("endless headers");
        if (end == std::string::npos) return false;
        in_body_ = true;
        body_ = head_.substr(end + kHeadEnd.size());
        if (auto read = read_head(std::string_view(head_).substr(0, end)); !read)
            return fail(std::move(read.error()));
    } else {
        body_.append(bytes);
    }
    return check_body();
}

Result<bool> HttpAnswer::check_body() const {
    if (length_.value_or(body_.size()) > max_body_) return not_an_agent("the answer is too large");
    if (!length_) return false;
    if (body_.size() > *length_) return not_an_agent("more bytes came than were announced");
    return body_.size() == *length_;
}

Result<void> HttpAnswer::end() {
    if (!in_body_ || (length_ && body_.size() != *length_))
        return fail(Code::agent_unreachable,
                    "the connection closed before the answer was complete");
    return {};
}

Result<void> HttpAnswer::read_head(std::string_view head) {
    bool first = true;
    while (!head.empty()) {
        const auto end = std::min(head.find("\r\n"), head.size());
        const std::string_view line = head.substr(0, end);
        head.remove_prefix(std::min(end + 2, head.size()));
        if (first) {
            const auto status = status_of(line);
            if (!status) return not_an_agent("not an HTTP/1.1 answer");
            status_ = *status;
            first = false;
        } else if (auto read = read_header(line); !read) {
            return read;
        }
    }
    if (first) return not_an_agent("not an HTTP/1.1 answer");
    return {};
}

Result<void> HttpAnswer::read_header(std::string_view line) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) return not_an_agent("a malformed header");
    const std::string_view name = line.substr(0, colon);
    if (same_name(name, "transfer-encoding")) return not_an_agent("a transfer encoding");
    if (!same_name(name, "content-length")) return {};
    const auto length = whole_number<std::size_t>(trim(line.substr(colon + 1)));
    if (!length || length_) return not_an_agent("a malformed length");
    length_ = length;
    return {};
}

}  // namespace latchkey::localapi
