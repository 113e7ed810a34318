#pragma once

// Lists come in pieces.

#include <cstdint>
#include <string>
#include <vector>

namespace latchkey::keyserver {

/// A piece of a list, in the order things were added. `after` is the `next` of the piece before.
struct Page {
    std::int64_t limit = 100;
    std::string after;
};

template <class T>
struct Listed {
    std::vector<T> items;
    std::string next;  ///< empty: the end
};

}  // namespace latchkey::keyserver
