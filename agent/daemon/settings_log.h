#pragma once

// What is set and by whom, in the log: each value once at the start, and what a reload changed.

#include <vector>

#include "agent/daemon/config.h"

namespace latchkey::daemon {

/// One line a setting that is not as it was in `before`; of none before, each that is not a
/// default.
void log_settings(const std::vector<Setting>& now, const std::vector<Setting>& before);

/// A warning where the policy has names that this version does not know, and they are news.
void log_unknown_policy(const std::vector<std::string>& now,
                        const std::vector<std::string>& before);

/// The lines without the log.
std::vector<std::string> changed_settings(const std::vector<Setting>& now,
                                          const std::vector<Setting>& before);

}  // namespace latchkey::daemon
