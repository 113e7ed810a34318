#pragma once

// Steps and what became of them, for people and for scripts.

#include <boost/json/value.hpp>

#include <string>
#include <vector>

#include "service-install/apply.h"
#include "service-install/plan.h"

namespace latchkey::service_install {

/// What --dry-run prints: numbered steps with their commands and the content of files.
std::string describe_plan(const std::vector<Step>& steps);

/// One line a step: what was done, what was so already.
std::string describe_outcomes(const std::vector<Record>& records);

boost::json::value plan_to_json(const std::vector<Step>& steps);
boost::json::value outcomes_to_json(const std::vector<Record>& records);

std::string describe_status(const Status& status);
boost::json::value status_to_json(const Status& status);

boost::json::value sources_to_json(const std::vector<std::string>& sources);

boost::json::value problem_to_json(const Problem& problem);

}  // namespace latchkey::service_install
