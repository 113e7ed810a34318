#pragma once

// The network between one machine and the key server: cut, lossy, slow, or a hotel's sign-in page.
// Wraps the real in-process connection of tests/scenario/vendor.h.

#include <functional>
#include <memory>
#include <string>

#include "agent/net/make_client.h"
#include "tests/simulator/dice.h"
#include "tests/simulator/fuse.h"

namespace latchkey::simulator {

/// How one exchange goes wrong.
enum class Fault {
    none,
    refused,       ///< no connection
    lost_request,  ///< the server never sees it
    lost_reply,    ///< the server decided, and its answer is lost
    server_error,  ///< 503 with Retry-After
    bad_gateway,   ///< a proxy's page instead of the server
    portal,        ///< a sign-in page, with status 200
    rate_limited,  ///< 429
    cut_short,     ///< half an answer
    slow           ///< the right answer, after a minute and a half
};
const char* name(Fault fault);

/// What the air is like for one machine now. Owned by the machine; read at each exchange.
struct Weather {
    bool cable = true;             ///< the machine has a network
    bool portal = false;           ///< behind a sign-in page
    bool server_up = true;         ///< kept in step by the world
    double trouble = 0.0;          ///< chance that an exchange goes wrong
    int dials = 0;                 ///< attempts to connect
    int exchanges = 0;             ///< that reached the server
    bool hook_lost_reply = false;  ///< the next decision's answer is lost
};

struct WeatherParts {
    Weather& weather;
    Fuse& fuse;
    Dice& dice;
    std::function<void(Duration)> pass;               ///< lets time go by for everybody
    std::function<void(Fault)> note;                  ///< counts an injected fault
    std::function<void(const std::string&)> decided;  ///< a signed request was answered: its path
};

/// Connections through this weather. `parts` are copied; what they refer to outlives the dialer.
net::Dialer through(net::Dialer clear, WeatherParts parts);

}  // namespace latchkey::simulator
