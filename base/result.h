#pragma once

// Result<T>: the return type of every edge that can fail for a reason outside the program.
// Programmer errors abort; missing hardware is data, not an error. See CONTRIBUTING.md, rule 4.

#include <tl/expected.hpp>

#include "base/problem.h"

namespace latchkey {

template <class T>
using Result = tl::expected<T, Problem>;

using Failure = tl::unexpected<Problem>;

/// `return fail(Code::key_malformed, "group 3 ...");`
inline Failure fail(Code code, std::string detail) {
    return Failure{Problem{code, std::move(detail), {}}};
}

inline Failure fail(Problem problem) { return Failure{std::move(problem)}; }

}  // namespace latchkey
