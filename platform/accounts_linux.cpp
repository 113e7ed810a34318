#include "platform/accounts_posix.h"
#include "platform/passwd_posix.h"

namespace latchkey::platform {

bool is_directory_slow() { return false; }

/// The file alone: what other services know of users is not worth waiting for.
std::optional<std::string> name_of_account(uid_t user) { return user_of_uid(user); }

bool is_further_member(uid_t, gid_t) { return false; }

}  // namespace latchkey::platform
