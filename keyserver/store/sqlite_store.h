#pragma once

// Store on embedded SQLite: one connection, WAL with synchronous=FULL (SQLite's WAL-reset bug needs
// several connections; there is one), foreign keys on. Transactions of several threads take turns
// on it and are committed together (commit_group.h). The schema is
// migrations/*.sql, described in docs/keyserver-schema.md.

#include <filesystem>
#include <memory>

#include "keyserver/store/store.h"
#include "keyserver/store/store_owner.h"

namespace latchkey::keyserver {

/// Opens DIR/latchkey.db, migrating it. At the first start it is made where it is missing, and
/// becomes the owner's. Later a missing or empty one is Code::state_corrupt, because everything
/// that was ever sold is gone then; so is another pepper; another publisher is
/// Code::config_invalid. A newer schema is refused with Code::state_newer before anything is
/// changed, another file with Code::state_corrupt. The caller holds the directory's lock.
Result<std::unique_ptr<Store>> open_sqlite_store(const std::filesystem::path& file,
                                                 const StoreOwner& owner, Start start);

/// Does the database hold anything that an administrator entered? A missing or empty one does not.
Result<bool> holds_records(const std::filesystem::path& file);

}  // namespace latchkey::keyserver
