// The one place of the CLI that reads TOML, and only when --config asks for it.

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "agent/cli/agent_call.h"
#include "base/path_text.h"
#include "platform/secure_file.h"

namespace latchkey::cli {
namespace {

constexpr std::size_t kMaxConfigBytes = 1u << 20;

std::string where(const std::string& file, const toml::source_region& region) {
    return file + ":" + std::to_string(region.begin.line) + ": ";
}

}  // namespace

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
