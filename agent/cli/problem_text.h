#pragma once

// How a failure looks to a person or a script.

#include "agent/cli/console.h"
#include "base/problem.h"

namespace latchkey::cli {

/// "error: title\n  detail\n  remedy: ...\n"
std::string problem_text(const Problem& problem);

/// The text on standard error, or with `json` the error document alone on standard output.
void print_problem(Console& console, const Problem& problem, bool json);

/// A warning for people, on standard error: "warning: ...".
void warn(Console& console, std::string_view text);

}  // namespace latchkey::cli
