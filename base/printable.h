#pragma once

// Text from elsewhere on its way to a terminal. Serial numbers, product names and error details
// come from firmware, manifests and servers: none of them may move the cursor, change colours or
// turn the reading direction.

#include <string>
#include <string_view>

namespace latchkey {

/// Without control characters (C0, DEL, C1), bidirectional controls and invisible separators;
/// invalid UTF-8 becomes '?', a line break or tab one space.
std::string printable(std::string_view text);

/// As printable(), keeping line breaks: for whole documents.
std::string printable_lines(std::string_view text);

/// How many columns printable text takes on a terminal: two for East Asian wide characters, none
/// for combining marks, one for every other code point.
std::size_t columns(std::string_view text);

}  // namespace latchkey
