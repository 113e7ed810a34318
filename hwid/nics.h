#pragma once

// Network interfaces -> nic, infiniband_guid and nic_device components.

#include <vector>

#include "hwid/component.h"
#include "hwid/raw.h"

namespace latchkey::hwid {

/// Value is the permanent address; where that is zero or unsupported, the address in use if the
/// system says that it is the permanent one or that it was made up (then it is marked local when
/// fingerprinted). One at a dock's port carries removable=true. An interface whose permanent
/// address stays hidden is unreadable. Interfaces with no device behind them (bridges, bonds,
/// tunnels) are left out. A listing that failed is one unreadable component, one without interfaces
/// an absent one.
std::vector<Component> parse_nics(const std::vector<RawNic>& nics, Access listing);

}  // namespace latchkey::hwid
