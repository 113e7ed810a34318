#pragma once

// How many other machines of the publisher show the same value? A board serial shared by a batch,
// a cloned UUID: three or more make it worthless as evidence (docs/identity.md, Multiplicity).

#include <vector>

#include "base/result.h"
#include "hwid/fingerprint.h"
#include "keyserver/store/store.h"

namespace latchkey::keyserver {

/// Pure. For each unit-level digest of `seen`: how many machines among `others` show it that
/// contradict each other in another anchor, less the one that `seen` may be itself. Records of one
/// machine (one a product key) count once.
void count_multiplicities(hwid::Fingerprint& seen, const std::vector<hwid::Fingerprint>& others);

/// The same over the live records of the store; looks at a bounded number of them.
Result<void> fill_multiplicities(Stores& stores, hwid::Fingerprint& seen);

}  // namespace latchkey::keyserver
