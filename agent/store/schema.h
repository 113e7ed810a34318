#pragma once

// The database's layout by version (docs/store-schema.md). Migrations only go forward; a released
// one never changes.

#include <cstdint>
#include <string_view>

#include "agent/store/sqlite.h"
#include "base/result.h"

namespace latchkey::store {

extern const std::string_view kMigration0001;
extern const std::string_view kMigration0002;
extern const std::string_view kMigration0003;
extern const std::string_view kMigration0004;

inline constexpr std::int64_t kSchemaVersion = 4;
inline constexpr std::int64_t kApplicationId = 0x4c4b5331;  ///< "LKS1"

/// Lays out an empty database, inside a transaction of its own.
Result<void> create_schema(Database& database);

/// Brings the layout of an older version to this one, inside the caller's transaction.
Result<void> migrate(Database& database, std::int64_t from);

/// Fails with Code::state_corrupt where tables differ from what that version lays out.
Result<void> check_schema(Database& database, std::int64_t version);

}  // namespace latchkey::store
