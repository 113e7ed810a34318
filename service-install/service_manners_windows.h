#pragma once

// What the service manager is told of a service that is there. Internal to the Windows files of
// service-install/ and the installer.

#include <string>
#include <vector>

#include "base/result.h"
#include "service-install/apply.h"

namespace latchkey::service_install {

/// Tells it `manners`, lines of NAME=VALUE as plan_windows.cpp writes them, of the service `name`.
/// What this Windows' manager does not know it does without.
Result<void> teach_manners(const std::string& name, const std::string& manners);

/// Gives the service `name`, which is there, the program, the account and the start that `command`,
/// sc.exe's words for making it, names. One that an administrator disabled stays disabled: whoever
/// may use the machine may ask for a repair, and is not to overrule him.
Result<Outcome> set_back_service(const std::string& name, const std::vector<std::string>& command);

/// False as well where there is no such service.
bool is_disabled(const std::string& name);

}  // namespace latchkey::service_install
