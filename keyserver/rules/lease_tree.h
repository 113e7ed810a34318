#pragma once

// The leases of one license are a tree: each names the one it followed. A lost reply or a restored
// backup lets a branch grow; two machines that hold one license let two branches grow in turns, and
// that is a fork (docs/keyserver.md, Branches and forks). Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keyserver/policy.h"
#include "keyserver/store/records.h"

namespace latchkey::keyserver {

/// Two branches that took turns: the first was renewed after they parted, then the other, then the
/// first again. One installation does that only by going back and forth between backups.
struct Fork {
    std::int64_t parted_after = 0;  ///< the lease both follow; 0: two activations
    Lease first;                    ///< the newest lease of the branch that goes on
    Lease other;                    ///< the newest lease of the branch that is refused
};

/// A request to renew.
struct RenewalCall {
    std::int64_t presented = 0;  ///< the newest lease the agent holds
    std::string_view platform;
    bool adopt = false;    ///< an administrator resolved it: the refused branch goes on
    int renewal_days = 0;  ///< of the program
    ServerTime now;
};

enum class Growth : std::uint8_t {
    ordinary,   ///< follows the current or the previous lease
    branch,     ///< follows an older one: a restored backup, a reverted snapshot
    adopted,    ///< goes on from now on, whatever the other branches were
    suspected,  ///< is refused: the other branch of its fork is alive
};

struct Growing {
    Growth growth = Growth::ordinary;
    Lease lease;               ///< the next one; of no meaning where it is refused
    std::optional<Fork> fork;  ///< suspected: which; adopted: the one that ended, if it was seen
};

/// `leases` are the license's, oldest first; the oldest may be missing.
Growing grow(const std::vector<Lease>& leases, const RenewalCall& call, const Policy& policy);

/// The forks that nobody has resolved yet.
std::vector<Fork> forks(const std::vector<Lease>& leases);

/// How often a lease followed an older one than the previous.
std::int64_t branches(const std::vector<Lease>& leases);

}  // namespace latchkey::keyserver
