#pragma once

// One HTTP/1.1 answer, read piece by piece with limits. As much of RFC 9112 as the agent speaks:
// a status line, headers, and a body bounded by Content-Length or by the end of the stream. What
// goes beyond (chunks, interim answers, two lengths) is refused, not guessed at. Whatever another
// server on the socket sends, the worst outcome is an error.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace latchkey::localapi {

class HttpAnswer {
public:
    explicit HttpAnswer(std::size_t max_body) : max_body_(max_body) {}

    /// Takes the next bytes of the stream. True once the answer is complete. Fails with
    /// Code::agent_unreachable where this is no such answer.
    Result<bool> add(std::string_view bytes);
    /// The stream ended. Fails if the answer is incomplete.
    Result<void> end();

    int status() const { return status_; }
    std::string take_body() { return std::move(body_); }

private:
    Result<void> read_head(std::string_view head);
    Result<void> read_header(std::string_view line);
    Result<bool> check_body() const;

    std::size_t max_body_;
    bool in_body_ = false;
    std::string head_;
    int status_ = 0;
    std::optional<std::size_t> length_;
    std::string body_;
};

}  // namespace latchkey::localapi
