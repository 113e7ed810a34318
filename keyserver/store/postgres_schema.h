#pragma once

// What a PostgreSQL database holds before anybody works with it: nothing, a key server's tables of
// some version, or something else.

#include <cstdint>
#include <string>

#include "base/result.h"
#include "keyserver/store/postgres.h"
#include "keyserver/store/store_owner.h"

namespace latchkey::keyserver {

/// The schema's version; 0: the database (its current schema) is empty. Fails with
/// Code::state_corrupt where the tables are somebody else's, with Code::state_newer where they are
/// a newer version's.
Result<std::int64_t> schema_version(PostgresDatabase& db, const std::string& shown);

/// Brings it to the newest version, in the transaction that is open.
Result<void> bring_up_to_date(PostgresDatabase& db, std::int64_t version);

/// Begins a transaction that only one process has at a time, for all that is done at a start.
Result<void> begin_setup(PostgresDatabase& db);

}  // namespace latchkey::keyserver
