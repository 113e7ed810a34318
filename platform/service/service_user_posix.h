#pragma once

// The part of service_user_posix.cpp that its tests reach. Internal to platform/.

#include <functional>
#include <optional>

#include "platform/passwd_posix.h"

namespace latchkey::platform {

/// As run_as_service_user, as any user. This process has to be root's.
std::optional<int> run_as(const Account& account, const std::function<int()>& body);

}  // namespace latchkey::platform
