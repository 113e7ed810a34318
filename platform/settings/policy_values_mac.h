#pragma once

// A property list's dictionary as policy values: dictionaries in it are the steps of their paths.
// Internal to the macOS files of platform/; tested on every system.

#include <string>
#include <vector>

#include "platform/core_foundation_mac.h"
#include "platform/settings/policy_store.h"

namespace latchkey::platform {

/// In the order of their paths. `place` is where they stand, for messages. Fails with
/// Code::config_invalid for what is no dictionary, or holds too much.
Result<std::vector<PolicyValue>> policy_values(const CoreFoundation& cf, CfType list,
                                               const std::string& place);

}  // namespace latchkey::platform
