#include "platform/hardware/service_credential_linux.h"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

#include <cstdlib>

#include "platform/hardware/sysfs_linux.h"

namespace latchkey::platform {
namespace {

constexpr std::string_view kParent = "/run/credentials";
/// What the unit gives where the machine has no such file.
constexpr std::string_view kNothing = "none";
constexpr mode_t kOthersMayWrite = S_IWGRP | S_IWOTH;

CredentialDirectory look_at(std::string path) {
    CredentialDirectory seen;
    seen.path = std::move(path);
    struct stat parent {};
    struct stat own {};
    struct statfs mounted {};
    struct statvfs flags {};
    if (::lstat(std::string(kParent).c_str(), &parent) != 0 ||
        ::lstat(seen.path.c_str(), &own) != 0 || ::statfs(seen.path.c_str(), &mounted) != 0 ||
        ::statvfs(seen.path.c_str(), &flags) != 0)
        return seen;
    seen.parent_is_roots =
        S_ISDIR(parent.st_mode) && parent.st_uid == 0 && (parent.st_mode & kOthersMayWrite) == 0;
    seen.is_directory = S_ISDIR(own.st_mode);
    seen.own_mount = own.st_dev != parent.st_dev;
    seen.file_system = static_cast<std::int64_t>(mounted.f_type);
    seen.read_only = (flags.f_flag & ST_RDONLY) != 0;
    return seen;
}

}  // namespace

bool is_credential_place(std::string_view path) {
    if (!path.starts_with(kParent)) return false;
    const auto name = path.substr(kParent.size());
    return name.size() > 1 && name[0] == '/' && name.find('/', 1) == std::string_view::npos &&
           name != "/." && name != "/..";
}

bool is_the_service_managers(const CredentialDirectory& directory) {
    return is_credential_place(directory.path) && directory.parent_is_roots &&
           directory.is_directory && directory.own_mount && directory.read_only &&
           (directory.file_system == RAMFS_MAGIC || directory.file_system == TMPFS_MAGIC);
}

hwid::Source<hwid::RawBytes> read_service_credential(const char* name, std::size_t max_bytes) {
    const hwid::Source<hwid::RawBytes> none{hwid::Access::absent, {}, name};
    const char* const directory = std::getenv("CREDENTIALS_DIRECTORY");
    if (directory == nullptr || !is_credential_place(directory)) return none;
    if (!is_the_service_managers(look_at(directory))) return none;
    auto read = read_binary_file(std::string(directory) + "/" + name, max_bytes);
    const std::string_view text(reinterpret_cast<const char*>(read.value.data()),
                                read.value.size());
    return read.readable() && !text.empty() && text != kNothing ? read : none;
}

}  // namespace latchkey::platform
