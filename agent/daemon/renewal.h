#pragma once

// Keeping a license alive and giving it up: looks at the hardware, puts the request into the row;
// the courier carries it.

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

#include "agent/daemon/courier.h"
#include "agent/daemon/desk.h"

namespace latchkey::daemon {

class Renewal {
public:
    /// Both outlive it.
    Renewal(Desk& desk, Courier& courier) : desk_(desk), courier_(courier) {}

    /// Looks at the hardware once and tells every licensed product what it saw.
    boost::asio::awaitable<void> look_at_hardware();

    /// A product is licensed and nobody looked for a day. The agent asks when it wakes anyway: no
    /// timer is set for it.
    bool look_is_due(ServerTime now) const;

    /// A license is due: prepares its renewal, unless the hardware turns out to have drifted.
    boost::asio::awaitable<void> renew(std::string product);

    /// Ends the license here and at the key server.
    boost::asio::awaitable<Result<Refund>> release(std::string product);

private:
    void tell_hardware(const licensing::Manifest& manifest);

    boost::asio::awaitable<void> look();

    Desk& desk_;
    Courier& courier_;
    std::optional<ServerTime> looked_at_;
};

}  // namespace latchkey::daemon
