#pragma once

// Tells when addresses or routes change, so that a waiting attempt need not wait for its timer. A
// hint, never the truth.

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>

namespace latchkey::platform {

class NetworkWatch {
public:
    virtual ~NetworkWatch() = default;
};

/// Calls `changed` on `executor` about a second after a change, at most once a second, never after
/// the watch is gone; null where the system offers no such
/// notification.
std::unique_ptr<NetworkWatch> watch_network(boost::asio::any_io_executor executor,
                                            std::function<void()> changed);

}  // namespace latchkey::platform
