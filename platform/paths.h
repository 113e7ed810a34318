#pragma once

// Where things live by default (docs/contracts in README). Every place can be moved in the
// configuration.

#include <filesystem>
#include <string_view>

namespace latchkey::platform {

struct Paths {
    std::filesystem::path config_file;   ///< /etc/latchkey/agent.toml
    std::filesystem::path config_dir;    ///< /etc/latchkey/agent.d
    std::filesystem::path products_dir;  ///< /etc/latchkey/products.d
    std::filesystem::path state_dir;     ///< /var/lib/latchkey
    std::filesystem::path anchor_dir;    ///< /var/lib/latchkey-anchor
    std::filesystem::path inbox_dir;     ///< /var/lib/latchkey/inbox
    std::filesystem::path endpoint;      ///< /run/latchkey/agent.sock
};

const Paths& default_paths();

/// Does it name a place wherever somebody stands? On Windows a pipe's name does, too.
bool is_absolute_place(const std::filesystem::path& path);

/// The short name of this system in snapshots, messages and platform lists: "linux", "windows",
/// "mac".
std::string_view os_name();

}  // namespace latchkey::platform
