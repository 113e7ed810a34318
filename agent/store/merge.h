#pragma once

// State and second copy are compared whenever the state is opened; the stricter of the two wins.
// Pure.

#include <cstdint>
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

/// What two copies have in common (same_line of hardware.h).
enum class Line : std::uint8_t {
    one,    ///< one was taken from the other: the higher revision is the newer
    other,  ///< an earlier installation's state was put into this one: revisions say nothing
};

/// A second copy that is newer than the state (the state was lost or an older one was put back)
/// says what grace there was; an older one can only remind of rearms. Beside a state of another
/// line the second copy tells of the installation that lives here, and counts as the newer.
Merged merge(Contents& contents, const Anchor& anchor, Line line = Line::one);

}  // namespace latchkey::store
