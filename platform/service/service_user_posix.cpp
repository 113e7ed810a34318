#include "platform/service/service_user.h"

#include <grp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/problem.h"
#include "platform/passwd_posix.h"
#include "platform/privileges.h"
#include "platform/service/closed_folders.h"
#include "platform/service/service_user_posix.h"

namespace latchkey::platform {
namespace {

constexpr int kNotPossible = 125;  ///< no exit code of ours (base/problem.h)

bool become(const Account& account) {
    return ::setgroups(account.groups.size(), account.groups.data()) == 0 &&
           ::setresgid(account.gid, account.gid, account.gid) == 0 &&
           ::setresuid(account.uid, account.uid, account.uid) == 0;
}

}  // namespace

std::optional<int> run_as(const Account& account, const std::function<int()>& body) {
    std::fflush(nullptr);  // or the child would write it a second time
    const pid_t child = ::fork();
    if (child < 0) return std::nullopt;
    if (child == 0) {
        if (!become(account)) ::_exit(kNotPossible);
        const int result = body();
        std::fflush(nullptr);
        ::_exit(result);
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return std::nullopt;
    if (!WIFEXITED(status)) return static_cast<int>(ExitCode::unexpected);
    // Root in a container may lack the right to be somebody else.
    if (WEXITSTATUS(status) == kNotPossible) return std::nullopt;
    return WEXITSTATUS(status);
}

std::optional<int> run_as_service_user(const std::function<int(const std::string& user)>& body) {
    if (!is_elevated()) return std::nullopt;
    const std::string user(kAgentUser);
    const auto account = account_of(user);
    if (!account) return std::nullopt;
    return run_as(*account, [&] { return body(user); });
}

std::string unreadable_remedy(const std::filesystem::path& file) {
    if (::access(file.c_str(), R_OK) == 0 || errno != EACCES) return {};
    const std::string closed(closed_folder(file.lexically_normal().native()));
    if (!closed.empty() && ::access(closed.c_str(), X_OK) != 0) return unseen_remedy(file);
    const auto user = user_name();
    return "It has to be the user " + user + "'s: 'install -o " + user + " -g " + user +
           " -m 600 FILE " + file.native() + "' as root, or, for what lies there, 'chown " + user +
           ": " + file.native() + "'; then 'latchkey reload'.";
}

std::string unseen_remedy(const std::filesystem::path& file) {
    const std::string closed(closed_folder(file.lexically_normal().native()));
    if (closed.empty()) return {};
    return "The service does not see " + closed +
           ", whoever owns what lies there. Put the file into /etc/latchkey, a key into the inbox "
           "(/var/lib/latchkey/inbox), name it there in the configuration, then 'latchkey reload'.";
}

}  // namespace latchkey::platform
