#pragma once

// What an admin reads of `latchkey doctor`: one line for each thing that was looked at, and what to
// do under those that are not well.

#include <string>

#include "agent/cli/document.h"
#include "agent/cli/look.h"

namespace latchkey::cli {

std::string doctor_text(View answer, const Look& look);

}  // namespace latchkey::cli
