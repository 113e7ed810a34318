#pragma once

// What an administrator should hear about the keys in time.

#include <string>
#include <vector>

#include "base/time.h"
#include "keyserver/keys/key_room.h"

namespace latchkey::keyserver {

/// That signing key or key set end within kSigningKeyMargin, have ended, or have not begun by this
/// clock. Each is a sentence that names the verb that helps.
std::vector<std::string> warnings_about_ends(const licensing::KeySet& set, ServerTime now);

/// Those, and that root.key lies in the directory, whether or not it can be used.
std::vector<std::string> warnings_about_keys(const KeyRoom& room, ServerTime now);

}  // namespace latchkey::keyserver
