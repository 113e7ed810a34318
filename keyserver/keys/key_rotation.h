#pragma once

// The key files around a rotation. keyset.jws is the one file that decides which keys are in force:
// what it names lies ready before it is written, and is moved to its place afterwards. Private to
// the key room.

#include "keyserver/keys/key_names.h"
#include "keyserver/keys/key_room.h"

namespace latchkey::keyserver {

/// The keys that keyset.jws names, wherever an interrupted rotation left them. `pinned` is the
/// first root.
Result<Keys> read_keys(const KeyNames& names, const licensing::PinnedRoot& pinned, ServerTime now);

/// The table in weights.jws, where that is newer than the one built in. A file that does not verify
/// is told and passed over: it takes nothing from anybody, and a rotation of the root that was
/// interrupted may have left one that the earlier root signed.
Result<WeightsInForce> read_weights(const KeyNames& names, const licensing::PinnedRoot& root);

/// Moves each of `keys` to its place and destroys what it replaces. Harmless where nothing is left
/// to do.
Result<void> tidy(const KeyNames& names, const Keys& keys, ServerTime now);

}  // namespace latchkey::keyserver
