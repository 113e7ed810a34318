#pragma once

// What the POSIX systems have beside owner and mode: macOS' access control lists, and its own way
// to the disk. Internal to secure_file_posix.cpp.

#include <filesystem>
#include <string>

namespace latchkey::platform {

/// What an access control list gives to somebody whom owner and mode do not name.
struct FurtherRights {
    bool read = false;
    bool change = false;  ///< its content, its attributes or its rights
};

/// Symbolic links are followed. What cannot be asked for gives everything.
FurtherRights further_rights(const std::filesystem::path& path);
FurtherRights further_rights(int fd);

/// Takes them away, also those that a directory hands down to what is made in it. False with errno.
bool drop_further_rights(const std::filesystem::path& path);
bool drop_further_rights(int fd);
/// What an administrator runs for that besides chmod's modes: " and 'chmod -N /x/y'"; may be empty.
std::string further_remedy(const std::filesystem::path& path);

/// When it returns true, what was written survives a power cut; false with errno.
bool flush_to_disk(int fd);

}  // namespace latchkey::platform
