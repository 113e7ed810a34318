#pragma once

// One kind of component, before versus after: the step below match.h. Values are compared as sets;
// what is hidden on one side neither agrees nor disagrees.

#include <cstdint>
#include <span>
#include <vector>

#include "hwid/match.h"

namespace latchkey::hwid {

enum class Agreement : std::uint8_t {
    unknown,  ///< nothing to compare
    all,      ///< the sets are equal, as far as they can be read
    partly,   ///< some members stayed
    none,     ///< nothing stayed, and something else is there
};

struct KindComparison {
    Agreement agreement = Agreement::unknown;
    int matched = 0;
    int replaced = 0;
    int removed = 0;
    int added = 0;
    int hidden = 0;  ///< values seen on one side that the other side does not show
    /// Of the values that stayed, how many other machines show the rarest one.
    std::uint32_t rarest_multiplicity = 0;

    bool changed() const { return replaced + removed + added > 0; }
    /// Every member of before went, whether or not another came.
    bool all_lost() const { return matched == 0 && replaced + removed > 0; }
};

/// What the comparison of every kind has to know.
struct CompareContext {
    bool is_virtual = false;  ///< one of the two is a virtual machine
    std::uint32_t worthless_multiplicity = 3;
};

/// Evidence of one kind on one side, with the index of its first member in the fingerprint.
struct Side {
    std::span<const Evidence> evidence;
    std::int32_t first = 0;
};

/// Appends a result for every value on either side. A value missing where the other side newly
/// hides one (unreadable, placeholder, local address; for disks also a RAID volume) is not lost,
/// and a value that appears where one was hidden before is not new. A kind that one side does not
/// mention was not captured there.
KindComparison compare_kind(Kind kind, const Side& before, const Side& after,
                            const CompareContext& context, std::vector<ComponentResult>& results);

}  // namespace latchkey::hwid
