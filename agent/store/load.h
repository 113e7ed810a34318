#pragma once

// Reads and verifies a whole database.

#include <string>
#include <vector>

#include "agent/store/contents.h"
#include "agent/store/sqlite.h"

namespace latchkey::store {

struct Loaded {
    Contents contents;                ///< every row whose MAC fits
    std::vector<std::string> damage;  ///< empty: all is well
    std::int64_t version = 0;         ///< of its schema, where it is one this agent knows
};

/// Damage is no failure: what is whole is handed back with what is not. Fails with
/// Code::state_newer for a newer schema, and with Code::storage_failed where the disk would not be
/// read.
Result<Loaded> load(Database& database, const MacKey& key);

/// The journal's lines up to the first that does not fit, for a new file.
std::vector<JournalEntry> salvage_journal(Database& database, const MacKey& key);

}  // namespace latchkey::store
