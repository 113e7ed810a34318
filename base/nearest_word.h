#pragma once

// Helping with a mistyped word on a command line.

#include <span>
#include <string>
#include <string_view>

namespace latchkey {

/// The one of `words` that `typed` most likely means: the fewest letters wrong, missing, too many
/// or swapped, at most one in three. Empty: none is near.
std::string_view nearest_word(std::string_view typed, std::span<const std::string_view> words);

/// "there is no verb 'lst'; did you mean 'list'?"
std::string no_such_verb(std::string_view typed, std::span<const std::string_view> verbs);

}  // namespace latchkey
