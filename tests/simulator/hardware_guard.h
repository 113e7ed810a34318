#pragma once

// The rule that outlives an installation: a workstation's hardware gets no more grace than one
// machine is granted, however often it is wiped. Pure, as guard.h. It is not copied with an image
// and does not go back with a snapshot: it belongs to the hardware.

#include <vector>

#include "tests/simulator/guard.h"
#include "tests/simulator/hardware.h"

namespace latchkey::simulator {

/// Of one product on one hardware. Grace counts while the key server's ledger has been told of it:
/// what a wiped machine uses before it reaches the key server is conceded (docs/lifecycle.md).
class HardwareGuard {
public:
    std::vector<Breach> see(const Glance& glance, const Hardware& parts, bool lab);

    /// What a reboot, or an answer that is not exact to the minute, may cost.
    void concede(Duration lost) { conceded_ += lost; }

    Duration grace_seen() const { return grace_; }

private:
    Hardware parts_;
    bool counts_ = false;  ///< the time until the next look does
    Duration grace_{0};
    Duration conceded_{0};
    int rearms_ = 0;
};

}  // namespace latchkey::simulator
