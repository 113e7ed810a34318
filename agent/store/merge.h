#pragma once

// State and second copy are compared whenever the state is opened; the stricter of the two wins.

#include <string>
#include <vector>

#include "agent/store/anchor.h"
#include "agent/store/contents.h"

namespace latchkey::store {

struct Merged {
    std::vector<std::string> done;    ///< sentences for the report; empty: nothing to do
    std::vector<ProductId> products;  ///< rows that changed
    bool time = false;
};

/// A second copy that is newer than the state (the state was lost or an older one was put back)
/// says what grace there was; an older one can only remind of rearms.
Merged merge(Contents& contents, const Anchor& anchor);

}  // namespace latchkey::store
