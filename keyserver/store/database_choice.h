#pragma once

// Where a key server keeps its records: `--database sqlite | postgresql://…`.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "keyserver/store/postgres_url.h"
#include "keyserver/store/store.h"
#include "keyserver/store/store_owner.h"
#include "platform/clock.h"

namespace latchkey::keyserver {

/// None: latchkey.db in the data directory.
using DatabaseChoice = std::optional<PostgresUrl>;

/// "sqlite" or a PostgreSQL URL. Fails with Code::usage.
Result<DatabaseChoice> parse_database_choice(const std::string& text);

/// How people know it, without any password: "sqlite", or the URL.
std::string name_of(const DatabaseChoice& database);

/// A sentence for whoever gave `option` with a password in it, which others can read in the process
/// list; empty: there is none.
std::string warning_about_password(const DatabaseChoice& database, std::string_view option);

/// As open_sqlite_store or open_postgres_store; `clock` must outlive the store.
Result<std::unique_ptr<Store>> open_store(const DatabaseChoice& database,
                                          const std::filesystem::path& directory,
                                          const StoreOwner& owner, Start start,
                                          const platform::Clock& clock);

/// Did an administrator enter anything there? A missing or empty database holds nothing.
Result<bool> is_in_use(const DatabaseChoice& database, const std::filesystem::path& directory);

}  // namespace latchkey::keyserver
