// The one place of the CLI that reads TOML, and only when --config asks for it; and what the policy
// says of the same. The other settings are the agent's business.

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <algorithm>

#include "agent/cli/agent_call.h"
#include "base/path_text.h"
#include "platform/paths.h"
#include "platform/secure_file.h"

namespace latchkey::cli {
namespace {

constexpr std::size_t kMaxConfigBytes = 1u << 20;

std::string where(const std::string& file, const toml::source_region& region) {
    return file + ":" + std::to_string(region.begin.line) + ": ";
}

/// In any case, as the agent takes it.
bool is_named(const platform::PolicyValue& value, std::string_view section, std::string_view key) {
    const auto same = [](std::string_view a, std::string_view b) {
        return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
            return (x >= 'A' && x <= 'Z' ? static_cast<char>(x - 'A' + 'a') : x) == y;
        });
    };
    return value.path.size() == 2 && same(value.path[0], section) && same(value.path[1], key);
}

}  // namespace

Result<std::string> socket_of_policy(const std::vector<platform::PolicyValue>& policy) {
    for (const auto& value : policy) {
        if (!is_named(value, "paths", "socket")) continue;
        const auto* text = std::get_if<std::string>(&value.data);
        if (text && platform::is_absolute_place(utf8_path(*text))) return *text;
        return fail(
            Code::config_invalid,
            "policy " + value.origin + ": must be a text (REG_SZ, <string>) and an absolute path");
    }
    return std::string();
}

Result<std::string> socket_of_config(const std::string& file) {
    const auto text = platform::read_file(utf8_path(file), kMaxConfigBytes);
    if (!text) return fail(Code::config_invalid, text.error().detail);
    const toml::parse_result parsed = toml::parse(std::string_view(*text));
    if (!parsed)
        return fail(Code::config_invalid, where(file, parsed.error().source()) +
                                              std::string(parsed.error().description()));
    const auto socket = parsed.table()["paths"]["socket"];
    if (!socket) return std::string();
    if (!socket.is_string())
        return fail(Code::config_invalid,
                    where(file, socket.node()->source()) + "[paths] socket must be a string");
    return socket.ref<std::string>();
}

}  // namespace latchkey::cli
