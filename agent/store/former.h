#pragma once

// The machine a state belonged to before it was found on another one: what a second copy holds of
// it, and its device keys. A disk that goes back into its old machine finds there what it left,
// and a disk that goes to and fro gains no grace. The `former` row of meta; never in the second
// copy.

#include <map>
#include <string>
#include <string_view>

#include "agent/store/anchor.h"
#include "agent/store/contents.h"

namespace latchkey::store {

struct Former {
    Anchor machine;
    std::map<std::string, Bytes> seeds;  ///< publisher -> device key; secret
};

std::string to_row(const Former& former);
Result<Former> former_from_row(std::string_view text);

}  // namespace latchkey::store
