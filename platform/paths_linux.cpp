#include "platform/paths.h"

namespace latchkey::platform {

const Paths& default_paths() {
    static const Paths paths{
        .config_file = "/etc/latchkey/agent.toml",
        .config_dir = "/etc/latchkey/agent.d",
        .products_dir = "/etc/latchkey/products.d",
        .state_dir = "/var/lib/latchkey",
        .anchor_dir = "/var/lib/latchkey-anchor",
        .inbox_dir = "/var/lib/latchkey/inbox",
        .endpoint = "/run/latchkey/agent.sock",
    };
    return paths;
}

bool is_absolute_place(const std::filesystem::path& path) { return path.is_absolute(); }

std::string_view os_name() { return "linux"; }

}  // namespace latchkey::platform
