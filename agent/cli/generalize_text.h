#pragma once

// What an admin reads of `latchkey generalize`: what goes or went, what stays, and what to do next.

#include <string>

#include "agent/cli/document.h"

namespace latchkey::cli {

/// Of a dry run or of the act.
std::string generalize_text(View answer, bool color);

/// Of `--verify`.
std::string image_proof_text(View proof, bool color);

}  // namespace latchkey::cli
