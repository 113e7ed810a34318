#include <pwd.h>

#include <cerrno>
#include <vector>

#include "platform/accounts_posix.h"
#include "platform/passwd_posix.h"

// membership.h's, which is not among the headers this is built with.
extern "C" int mbr_uid_to_uuid(uid_t user, unsigned char* uuid);
extern "C" int mbr_gid_to_uuid(gid_t group, unsigned char* uuid);
extern "C" int mbr_check_membership(unsigned char* user, unsigned char* group, int* is_member);

namespace latchkey::platform {
namespace {

constexpr std::size_t kUuidBytes = 16;  // uuid_t
constexpr std::size_t kMostBytes = 1u << 20;

}  // namespace

/// opendirectoryd, which knows of a company's directory, too.
bool is_directory_slow() { return true; }

/// The file has the system's own accounts, root first, and no people.
std::optional<std::string> name_of_account(uid_t user) {
    if (auto own = user_of_uid(user)) return own;
    std::vector<char> buffer(4096);
    passwd entry{};
    passwd* found = nullptr;
    while (::getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) == ERANGE &&
           buffer.size() < kMostBytes)
        buffer.resize(buffer.size() * 2);
    return found != nullptr ? std::optional<std::string>(found->pw_name) : std::nullopt;
}

/// Knows nested groups and more of them than the kernel carries.
bool is_further_member(uid_t user, gid_t group) {
    unsigned char user_uuid[kUuidBytes] = {};
    unsigned char group_uuid[kUuidBytes] = {};
    int is_member = 0;
    return ::mbr_uid_to_uuid(user, user_uuid) == 0 && ::mbr_gid_to_uuid(group, group_uuid) == 0 &&
           ::mbr_check_membership(user_uuid, group_uuid, &is_member) == 0 && is_member != 0;
}

}  // namespace latchkey::platform
