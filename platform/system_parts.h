#pragma once

// Parts of the system that are opened when they are needed, and so are missed by nothing that
// starts this program. Only macOS' frameworks are; elsewhere nothing is ever missing.

#include <string>
#include <vector>

namespace latchkey::platform {

/// The functions that this system should have and has not, by their own names, the first of each
/// library; opens what was not opened yet. Any thread.
std::vector<std::string> missing_system_parts();

}  // namespace latchkey::platform
