#pragma once

// How many connections may be open at once, where a process may have so many files open.

#include <cstddef>

#include "base/result.h"

namespace latchkey::keyserver {

/// kMaxConnections, or what `files` leaves of them. Fails with Code::config_invalid where that is
/// less than kFewestConnections.
Result<std::size_t> connections_within(std::size_t files);

}  // namespace latchkey::keyserver
