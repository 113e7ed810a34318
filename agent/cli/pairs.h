#pragma once

// Many comparisons: one {"id", "before", "after"} a line in, one result a line out.

#include <cstdint>
#include <cstdio>

#include "agent/cli/console.h"

namespace latchkey::cli {

struct PairsSummary {
    std::int64_t pairs = 0;
    std::int64_t same = 0;
    std::int64_t significant = 0;  ///< of the same ones
    std::int64_t different = 0;
    std::int64_t insufficient = 0;
    std::int64_t skipped = 0;  ///< lines that could not be read
};

/// Constant memory. A line that cannot be read is named on standard error and skipped. With `brief`
/// the results have no components. Fails with Code::input_unreadable where the stream itself
/// breaks.
Result<PairsSummary> compare_pairs(std::FILE* stream, bool brief, Console& console);

}  // namespace latchkey::cli
