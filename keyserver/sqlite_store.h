#pragma once

// Store on embedded SQLite: one writing connection, WAL with synchronous=FULL (SQLite's WAL-reset
// bug needs several connections; there is one), foreign keys on. The schema is
// migrations/*.sql, described in docs/keyserver-schema.md.

#include <filesystem>
#include <memory>

#include "keyserver/store.h"

namespace latchkey::keyserver {

/// Opens DIR/latchkey.db, creating or migrating it. `publisher` is written into a new database and
/// must be the one in an existing one (Code::config_invalid). A newer schema is refused with
/// Code::state_newer before anything is changed, another file with Code::state_corrupt. The caller
/// holds the directory's lock.
Result<std::unique_ptr<Store>> open_sqlite_store(const std::filesystem::path& file,
                                                 std::string_view publisher);

}  // namespace latchkey::keyserver
