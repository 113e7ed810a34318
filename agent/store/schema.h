#pragma once

// The database's layout by version (docs/store-schema.md). Migrations only go forward; a released
// one never changes.

#include <cstdint>
#include <string_view>

#include "agent/store/sqlite.h"
#include "base/result.h"

namespace latchkey::store {

extern const std::string_view kMigration0001;

inline constexpr std::int64_t kSchemaVersion = 1;
inline constexpr std::int64_t kApplicationId = 0x4c4b5331;  ///< "LKS1"

/// Lays out an empty database, inside a transaction of its own.
Result<void> create_schema(Database& database);

/// Fails with Code::state_corrupt where tables differ from what this version lays out.
Result<void> check_schema(Database& database);

}  // namespace latchkey::store
