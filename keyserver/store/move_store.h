#pragma once

// From the data directory's SQLite to PostgreSQL: every row, in one transaction, checked by number
// and digest before it is committed. The SQLite file keeps everything and a note that it was moved,
// so that nobody serves the old records by mistake.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "keyserver/store/postgres_url.h"
#include "keyserver/store/store_owner.h"

namespace latchkey::keyserver {

struct MovedTable {
    std::string_view name;
    std::int64_t rows = 0;
};

/// Called after each thousand rows and at the end of each table.
using MoveProgress = std::function<void(const MovedTable& so_far)>;

/// `file` is at the newest schema, and the caller holds its directory's lock. Fails with
/// Code::already_exists, changing nothing, where the target holds any table; otherwise as the two
/// databases do.
Result<std::vector<MovedTable>> move_to_postgres(const std::filesystem::path& file,
                                                 const PostgresUrl& to, const StoreOwner& owner,
                                                 const MoveProgress& progress);

}  // namespace latchkey::keyserver
