#pragma once

// What the service manager reads for us because only root may: systemd's credentials
// (LoadCredential= of the unit, systemd.exec(5)). Internal to the Linux files of platform/.
//
// CREDENTIALS_DIRECTORY is believed only where it names what an ordinary user cannot make: a
// read-only memory file system mounted under /run/credentials. Root could change /sys itself.

#include <cstdint>
#include <string>
#include <string_view>

#include "hwid/raw.h"

namespace latchkey::platform {

/// What the kernel says of the directory; a value, so that the judgement can be tested.
struct CredentialDirectory {
    std::string path;
    bool parent_is_roots = false;  ///< /run/credentials belongs to root, and others may not write
    bool is_directory = false;     ///< and no symbolic link
    bool own_mount = false;        ///< another file system than /run/credentials is on
    std::int64_t file_system = 0;  ///< statfs(2) f_type
    bool read_only = false;
};

/// "/run/credentials/NAME", and nothing else.
bool is_credential_place(std::string_view path);
bool is_the_service_managers(const CredentialDirectory& directory);

/// The credential of that name; absent where there is none, it is empty or "none" (what the unit
/// gives instead of a missing file), or its directory is not the service manager's.
hwid::Source<hwid::RawBytes> read_service_credential(const char* name, std::size_t max_bytes);

}  // namespace latchkey::platform
