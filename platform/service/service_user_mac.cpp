#include <unistd.h>

#include <cerrno>

#include "platform/privileges.h"
#include "platform/service/service_user.h"

namespace latchkey::platform {

/// There is none: the agent runs as root (plan_launchd.cpp says why), and what root can read, it
/// can.
std::optional<int> run_as_service_user(const std::function<int(const std::string& user)>&) {
    return std::nullopt;
}

std::string unreadable_remedy(const std::filesystem::path& file) {
    if (::access(file.c_str(), R_OK) == 0 || errno != EACCES) return {};
    return "It has to be the user " + user_name() + "'s, or readable for that user: 'chown " +
           user_name() + ": " + file.native() + "'; then 'latchkey reload'.";
}

/// The service sees what its account may read.
std::string unseen_remedy(const std::filesystem::path&) { return {}; }

}  // namespace latchkey::platform
