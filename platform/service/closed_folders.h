#pragma once

// What the unit of Linux' service closes to it (service-install/systemd_unit.cpp), and what a text
// tells of that: whoever owns what lies there, the service does not see it. systemd.exec(5). Pure;
// no other system's service has such folders.

#include <array>
#include <string_view>

namespace latchkey::platform {

/// ProtectHome=yes
inline constexpr std::array<std::string_view, 3> kHomeFolders{"/home", "/root", "/run/user"};
/// PrivateTmp=yes: the service has others of these names.
inline constexpr std::array<std::string_view, 2> kTemporaryFolders{"/tmp", "/var/tmp"};
/// InaccessiblePaths=
inline constexpr std::array<std::string_view, 12> kInaccessiblePaths{
    "/etc/shadow", "/etc/shadow-",     "/etc/gshadow", "/etc/gshadow-",
    "/etc/ssh",    "/etc/ssl/private", "/etc/sudoers", "/etc/sudoers.d",
    "/var/log",    "/var/spool",       "/var/mail",    "/srv"};

/// The one of them that is `path` or that it lies in; empty where none is. By its text alone: the
/// path is whole and normal, and links are not followed.
constexpr std::string_view closed_folder(std::string_view path) {
    const auto around = [path](const auto& folders) {
        for (const std::string_view folder : folders)
            if (path.starts_with(folder) &&
                (path.size() == folder.size() || path[folder.size()] == '/'))
                return folder;
        return std::string_view();
    };
    for (const auto folder :
         {around(kHomeFolders), around(kTemporaryFolders), around(kInaccessiblePaths)})
        if (!folder.empty()) return folder;
    return {};
}

}  // namespace latchkey::platform
