#pragma once

// The schema's migrations in order, embedded from migrations/*.sql by CMake. Number N (from 1)
// brings the schema to version N. PostgreSQL's are migrations/postgres/*.sql: they begin with a
// whole schema of version 4 and go on with the same numbers. Frozen once released: a change is a
// new file.

#include <cstdint>
#include <span>
#include <string_view>

namespace latchkey::keyserver {

std::span<const std::string_view> migrations();

/// What the first of postgres_migrations() makes out of nothing.
inline constexpr std::int64_t kPostgresFirstSchema = 4;
std::span<const std::string_view> postgres_migrations();

}  // namespace latchkey::keyserver
