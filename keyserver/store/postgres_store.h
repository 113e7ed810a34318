#pragma once

// Store on PostgreSQL: as many servers on one database as are wanted, in any number of processes.
// The schema is migrations/postgres/*.sql, described in docs/keyserver-schema.md; what waits for
// what is in sql_locks.h.
//
// A connection that is lost fails what was under way with Code::database_unavailable; the next
// begin() connects anew, at once the first time, and after pauses that double up to
// kPostgresLongestPause while it cannot. Thread-safe: each transaction has a connection of its own.

#include <memory>

#include "keyserver/store/postgres_url.h"
#include "keyserver/store/store.h"
#include "keyserver/store/store_owner.h"
#include "platform/clock.h"

namespace latchkey::keyserver {

/// Opens the database, migrating it; several that start at once migrate once. An empty one becomes
/// the owner's at the first start; later it is Code::state_corrupt, because everything that was
/// ever sold is elsewhere then. Another's is refused as check_owner() says, a newer schema with
/// Code::state_newer, other tables with Code::state_corrupt, before anything is changed. The clock
/// must outlive the store.
Result<std::unique_ptr<Store>> open_postgres_store(const PostgresUrl& url, const StoreOwner& owner,
                                                   Start start, const platform::Clock& clock);

/// Does the database hold anything that an administrator entered? An empty one does not.
Result<bool> holds_records(const PostgresUrl& url);

}  // namespace latchkey::keyserver
