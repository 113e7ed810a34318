#pragma once

// What the service manager is told of a service beyond its command line. Internal to the Windows
// files of service-install/.

#include <string>

#include "base/result.h"

namespace latchkey::service_install {

/// Tells it `manners`, lines of NAME=VALUE as plan_windows.cpp writes them, of the service `name`.
/// What this Windows' manager does not know it does without.
Result<void> teach_manners(const std::string& name, const std::string& manners);

}  // namespace latchkey::service_install
