#pragma once

// Starts work nobody waits for. What escapes it is logged and ends that work alone.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace latchkey::daemon {

void spawn(const boost::asio::any_io_executor& executor, boost::asio::awaitable<void> work);

}  // namespace latchkey::daemon
