#pragma once

// Asking the agent: where it is, and the path of what is asked.

#include <string>
#include <string_view>

#include "agent/cli/options.h"
#include "agent/localapi/client.h"
#include "base/result.h"
#include "platform/settings/policy_store.h"

namespace latchkey::cli {

/// --socket, else the policy's paths\socket, else [paths] socket of --config, else the default
/// place: as the agent itself finds its place. Fails with Code::config_invalid.
Result<localapi::ClientOptions> find_agent(const Common& common);

/// [paths] socket of an agent.toml; empty where the file moves nothing.
Result<std::string> socket_of_config(const std::string& file);

/// paths\socket of what whoever manages this machine has set; empty where that is nothing.
Result<std::string> socket_of_policy(const std::vector<platform::PolicyValue>& policy);

/// "/v1/products/ID/VERB", the id percent-encoded.
std::string product_path(std::string_view product, std::string_view verb);

/// `text` for one segment or value of a target (RFC 3986, unreserved characters stay).
std::string percent_encoded(std::string_view text);

Result<json::bj::value> ask(const Common& common, std::string_view method, std::string_view target,
                            const json::bj::value* body = nullptr);
Result<std::string> ask_text(const Common& common, std::string_view method,
                             std::string_view target);

}  // namespace latchkey::cli
