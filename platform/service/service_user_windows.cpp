#include "platform/service/service_user.h"

namespace latchkey::platform {

/// The service's account is a virtual one without a password: only the service manager can give its
/// rights to a process. What administrators may read, it may by the rights that installing sets.
std::optional<int> run_as_service_user(const std::function<int(const std::string& user)>&) {
    return std::nullopt;
}

std::string unreadable_remedy(const std::filesystem::path&) { return {}; }

/// The service sees what its account may read.
std::string unseen_remedy(const std::filesystem::path&) { return {}; }

}  // namespace latchkey::platform
