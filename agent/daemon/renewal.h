#pragma once

// Keeping a license alive and giving it up: looks at the hardware, puts the request into the row;
// the courier carries it.

#include <boost/asio/awaitable.hpp>

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

    /// A license is due: prepares its renewal, unless the hardware turns out to have drifted.
    boost::asio::awaitable<void> renew(std::string product);

    /// Ends the license here and at the key server.
    boost::asio::awaitable<Result<Refund>> release(std::string product);

private:
    void tell_hardware(const licensing::Manifest& manifest);

    Desk& desk_;
    Courier& courier_;
};

}  // namespace latchkey::daemon
