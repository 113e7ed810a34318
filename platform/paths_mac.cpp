#include "platform/paths.h"

namespace latchkey::platform {

const Paths& default_paths() {
    static const Paths paths{
        .config_file = "/Library/Application Support/Latchkey/agent.toml",
        .config_dir = "/Library/Application Support/Latchkey/agent.d",
        .products_dir = "/Library/Application Support/Latchkey/products.d",
        .state_dir = "/var/db/latchkey",
        .anchor_dir = "/var/db/latchkey-anchor",
        .inbox_dir = "/var/db/latchkey/inbox",
        .endpoint = "/var/run/latchkey/agent.sock",
    };
    return paths;
}

bool is_absolute_place(const std::filesystem::path& path) { return path.is_absolute(); }

std::string_view os_name() { return "mac"; }

}  // namespace latchkey::platform
