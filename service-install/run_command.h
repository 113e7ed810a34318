#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace latchkey::service_install {

struct Finished {
    int exit_code = 0;
    std::string output;  ///< stdout and stderr, the first 64 KiB
};

/// Runs a program of the system (PATH is the administrator's standard one, no shell) and waits for
/// it. Fails with Code::internal where it cannot be started or is killed by a signal.
Result<Finished> run_command(const std::vector<std::string>& command);

}  // namespace latchkey::service_install
