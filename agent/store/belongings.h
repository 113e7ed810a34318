#pragma once

// What belongs to one machine alone: in a state's contents, and as files in its two directories.

#include <vector>

#include "agent/store/contents.h"
#include "agent/store/custody.h"

namespace latchkey::store {

/// Kinds of rows, with the products they are of. Nothing of it is secret.
std::vector<Belonging> belongings_in(const Contents& contents);

/// Kinds of files, with their names. What nobody knows there is `unknown_files`: the agent removes
/// none of them.
Result<std::vector<Belonging>> belongings_on_disk(const StorePaths& paths);

/// Overwrites and removes every file that belongs to the machine, but unknown ones. Doing it again
/// after a crash goes on where it ended.
Result<void> remove_belongings(const StorePaths& paths);

}  // namespace latchkey::store
