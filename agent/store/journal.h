#pragma once

// The append-only journal: each line is chained to the one before it by a keyed hash, so that a
// line that was changed, removed or moved breaks the chain from there on.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent/store/contents.h"
#include "agent/store/sqlite.h"

namespace latchkey::store {

/// The line as it can be stored: printable, within its limits, numbered after `head`.
JournalEntry next_entry(const JournalHead& head, JournalEntry entry);
Mac link_of(const MacKey& key, const Mac& before, const JournalEntry& entry);

Result<void> insert_entry(Database& database, const JournalEntry& entry, const Mac& link);

struct Chain {
    JournalHead head;  ///< the last line that fits
    bool broken = false;
};
/// Follows the chain from its beginning and hands every line that fits to `each` (may be empty).
/// Fails where a line cannot be read at all; `chain` says how far it came then too.
Result<void> follow_chain(Database& database, const MacKey& key, Chain& chain,
                          const std::function<void(JournalEntry)>& each);

Result<std::vector<JournalEntry>> read_newest(Database& database, const JournalFilter& filter,
                                              std::optional<std::int64_t> before,
                                              std::size_t limit);

}  // namespace latchkey::store
