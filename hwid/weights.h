#pragma once

// The evidence table: what each agreement and disagreement is worth, in tenths of a bit. A table,
// not code, so that a better one can be derived from data and replaced whole (docs/identity.md says
// where the numbers come from).

#include <array>
#include <cstdint>
#include <string_view>

#include "hwid/component.h"

namespace latchkey::hwid {

/// log2(m/u) x 10 for one kind. Set-valued kinds (nic, disk, memory_module, gpu) use `partly` when
/// some members remain.
struct Weight {
    std::int16_t agree = 0;
    std::int16_t partly = 0;
    std::int16_t disagree = 0;
};

struct Weights {
    int version = 0;
    std::string_view provenance;
    std::array<Weight, kKindCount> of{};
    std::int32_t same_threshold = 0;  ///< a score at or above it may be `same`
    std::uint32_t worthless_multiplicity =
        3;  ///< a value shown by so many other machines is no evidence

    const Weight& operator[](Kind kind) const { return of[static_cast<std::size_t>(kind)]; }
};

/// The table built into this version.
const Weights& default_weights();

}  // namespace latchkey::hwid
