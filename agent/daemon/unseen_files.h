#pragma once

// Files and folders of the configuration that lie where the installed service does not see them,
// though whoever writes the configuration does. Pure.

#include <string>
#include <vector>

#include "agent/daemon/config.h"

namespace latchkey::daemon {

/// One text for each: where it is set, and what is to be done.
std::vector<std::string> words_of_unseen(const Config& config);

}  // namespace latchkey::daemon
