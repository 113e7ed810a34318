#pragma once

// Carries a plan out on this machine. One file a system.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "service-install/plan.h"

namespace latchkey::service_install {

enum class Outcome : std::uint8_t { done, unchanged, not_needed };

struct Record {
    Action action;
    Outcome outcome = Outcome::done;
};

struct Status {
    bool installed = false;  ///< the service manager has a definition of it
    bool enabled = false;    ///< it starts at boot
    bool active = false;     ///< it runs now
    bool answers = false;    ///< somebody listens at the local endpoint
    bool has_state = false;  ///< a state directory is there
    std::string definition;  ///< the file or name that defines it
};

/// The service manager of the system that this program is for.
Manager this_manager();

/// What the plan must know of this machine; `root` as below.
Facts current_facts(const std::string& root);

/// Carries out `steps` in order and stops at the first failure, whose detail names the step. What
/// was done stays: every step may be done again, so the cure is to remove the cause and repeat.
/// `root`: another system's root directory ("" is this one's); nothing is started there.
Result<std::vector<Record>> apply_steps(const std::vector<Step>& steps, const std::string& root);

Status read_status(const std::string& root);

/// The commands and places read_status asks, for --dry-run.
std::vector<std::string> status_sources();

}  // namespace latchkey::service_install
