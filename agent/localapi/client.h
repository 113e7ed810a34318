#pragma once

// The CLI's end of the local API: one blocking request over platform's local client. Light: no
// Asio, no allocation of a runtime, few system calls.

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/strict_json.h"
#include "base/time.h"

namespace latchkey::localapi {

struct ClientOptions {
    std::filesystem::path endpoint;
    Duration timeout = seconds{30};
};

/// The body of a 2xx answer. Fails with Code::agent_unreachable, Code::not_permitted, or the
/// problem the agent answered.
Result<json::bj::value> request(const ClientOptions& options, std::string_view method,
                                std::string_view target, const json::bj::value* body);

/// The same without parsing the answer: what `status --json` prints is what the agent said.
Result<std::string> request_text(const ClientOptions& options, std::string_view method,
                                 std::string_view target, const json::bj::value* body);

}  // namespace latchkey::localapi
