#pragma once

// Block devices -> disk components: internal and physical ones as evidence, the others marked.

#include <vector>

#include "hwid/component.h"
#include "hwid/raw.h"

namespace latchkey::hwid {

/// Devices with nothing behind them (loop, device mapper) are left out; removable ones carry the
/// attribute removable=true, so that they are seen and never counted. A disk that hides its serial
/// number, or any id it has, is unreadable; a listing that failed is one unreadable component, one
/// without disks an absent one.
std::vector<Component> parse_disks(const std::vector<RawDisk>& disks, Access listing);

}  // namespace latchkey::hwid
