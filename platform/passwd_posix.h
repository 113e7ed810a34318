#pragma once

// Looks users up in /etc/passwd itself: the static CLI has no NSS, and the agent must not wait for
// a directory server while it answers. Users that only a directory knows have no name here.

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::platform {

/// The user the agent runs as when installed.
inline constexpr std::string_view kAgentUser = "latchkey";

std::optional<uid_t> uid_of_user(std::string_view name);
std::optional<std::string> user_of_uid(uid_t uid);

/// The parts of one line of passwd(5) that matter; nullopt for a line that is none.
struct PasswdEntry {
    std::string_view name;
    uid_t uid = 0;
};
std::optional<PasswdEntry> parse_passwd_line(std::string_view line);

/// Who a process of that user is to the kernel.
struct Account {
    uid_t uid = 0;
    gid_t gid = 0;
    std::vector<gid_t> groups;  ///< the further ones
};
std::optional<Account> account_of(std::string_view name);
/// From the texts of passwd(5) and group(5).
std::optional<Account> parse_account(std::string_view passwd, std::string_view group,
                                     std::string_view name);

}  // namespace latchkey::platform
