#include <fcntl.h>
#include <sys/acl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "platform/file_rights_posix.h"

namespace latchkey::platform {
namespace {

struct FreeAcl {
    void operator()(void* list) const { ::acl_free(list); }
};
using Acl = std::unique_ptr<std::remove_pointer_t<acl_t>, FreeAcl>;

constexpr FurtherRights kEverything{true, true};

/// By bits of acl_perm_t; macOS adds these to what the mode allows (acl(3)).
constexpr acl_permset_mask_t kReading = ACL_READ_DATA;
constexpr acl_permset_mask_t kChanging =
    ACL_WRITE_DATA | ACL_APPEND_DATA | ACL_DELETE | ACL_DELETE_CHILD | ACL_WRITE_ATTRIBUTES |
    ACL_WRITE_EXTATTRIBUTES | ACL_WRITE_SECURITY | ACL_CHANGE_OWNER;

/// Whoever an entry names, it is somebody whom the mode did not: for root and the owner it would
/// say nothing new. Entries that only refuse widen nothing: "everyone deny delete" stands on every
/// home directory.
FurtherRights rights_in(acl_t list) {
    FurtherRights rights;
    acl_entry_t entry = nullptr;
    // macOS: 0 while there is one, -1 after the last.
    for (int which = ACL_FIRST_ENTRY; ::acl_get_entry(list, which, &entry) == 0;
         which = ACL_NEXT_ENTRY) {
        acl_tag_t tag = ACL_UNDEFINED_TAG;
        acl_permset_mask_t allowed = 0;
        if (::acl_get_tag_type(entry, &tag) != 0) return kEverything;
        if (tag != ACL_EXTENDED_ALLOW) continue;
        if (::acl_get_permset_mask_np(entry, &allowed) != 0) return kEverything;
        rights.read = rights.read || (allowed & kReading) != 0;
        rights.change = rights.change || (allowed & kChanging) != 0;
    }
    return rights;
}

/// ENOENT: there is no list. A file system that has none says that it cannot.
FurtherRights rights_of_list(const Acl& list) {
    if (list) return rights_in(list.get());
    return errno == ENOENT || errno == EOPNOTSUPP ? FurtherRights{} : kEverything;
}

bool is_dropped(int result) { return result == 0 || errno == EOPNOTSUPP; }

}  // namespace

FurtherRights further_rights(const std::filesystem::path& path) {
    return rights_of_list(Acl(::acl_get_file(path.c_str(), ACL_TYPE_EXTENDED)));
}

FurtherRights further_rights(int fd) {
    return rights_of_list(Acl(::acl_get_fd_np(fd, ACL_TYPE_EXTENDED)));
}

bool drop_further_rights(const std::filesystem::path& path) {
    const Acl none(::acl_init(0));
    return none && is_dropped(::acl_set_file(path.c_str(), ACL_TYPE_EXTENDED, none.get()));
}

bool drop_further_rights(int fd) {
    const Acl none(::acl_init(0));
    return none && is_dropped(::acl_set_fd_np(fd, none.get(), ACL_TYPE_EXTENDED));
}

std::string further_remedy(const std::filesystem::path& path) {
    return " and 'chmod -N " + path.native() + "'";
}

/// fsync hands the bytes to the disk, which may keep them in its memory: fsync(2). Some file
/// systems do not know the stronger request.
bool flush_to_disk(int fd) { return ::fcntl(fd, F_FULLFSYNC) == 0 || ::fsync(fd) == 0; }

}  // namespace latchkey::platform
