#include <unistd.h>

#include <array>

#include "platform/accounts_posix.h"
#include "platform/privileges.h"

namespace latchkey::platform {

bool is_elevated() { return ::geteuid() == 0; }

std::string user_name() {
    const uid_t uid = ::geteuid();
    return name_of_account(uid).value_or("uid " + std::to_string(uid));
}

std::string host_name() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) return {};
    return name.data();
}

}  // namespace latchkey::platform
