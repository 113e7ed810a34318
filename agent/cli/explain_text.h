#pragma once

// The cost preview and the outcome of an activation in words. Pure.

#include <string>

#include "agent/cli/document.h"

namespace latchkey::cli {

/// "Activating now would use 0 of 10 activations (7 left)." with the evidence below.
std::string explain_text(View preview, bool color);

/// What an activation did: state, count, reasons, numbers.
std::string activation_text(View outcome, bool color);

/// Components as a table: kind, result, weight in bits, why.
std::string component_table(View components, bool color);

}  // namespace latchkey::cli
