#pragma once

// How many files and sockets this process may hold open at once.

#include <cstddef>

namespace latchkey::platform {

/// Raises the process's own limit to `wanted` where the system lets it. What is allowed now, which
/// may be less or more.
std::size_t allow_open_files(std::size_t wanted);

}  // namespace latchkey::platform
