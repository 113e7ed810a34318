#pragma once

// POST /v1/doctor: looks at everything an activation needs, key servers included. It changes what
// any contact with a key server brings (its signed time, newer keys), makes a directory of the
// agent's that is missing, and nothing else.

#include <boost/asio/awaitable.hpp>

#include <vector>

#include "agent/daemon/agent.h"
#include "agent/daemon/diagnosis.h"

namespace latchkey::daemon {

/// `agent` outlives it. Takes as long as the slowest key server's deadlines (net::Deadlines); they
/// are all asked at once.
boost::asio::awaitable<std::vector<Item>> examine(Agent& agent);

}  // namespace latchkey::daemon
