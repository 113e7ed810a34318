#include "agent/store/schema.h"

#include <array>
#include <string>

namespace latchkey::store {
namespace {

constexpr std::string_view kLayout =
    "SELECT group_concat(type || '|' || name || '|' || tbl_name || '|' || coalesce(sql, ''), ';') "
    "FROM (SELECT * FROM sqlite_schema ORDER BY type, name)";

/// From one version (0: an empty file) to another.
Result<void> run_migrations(Database& database, std::int64_t from, std::int64_t to) {
    const std::array migrations{kMigration0001, kMigration0002, kMigration0003, kMigration0004};
    static_assert(migrations.size() == kSchemaVersion);
    for (std::int64_t version = from; version < to; ++version) {
        auto done = database.run(std::string(migrations[static_cast<std::size_t>(version)]));
        if (!done) return done;
    }
    for (const auto& sql : {"PRAGMA application_id=" + std::to_string(kApplicationId),
                            "PRAGMA user_version=" + std::to_string(to)})
        if (auto done = database.run(sql); !done) return done;
    return {};
}

}  // namespace

Result<void> create_schema(Database& database) {
    auto transaction = Transaction::begin(database);
    if (!transaction) return fail(transaction.error());
    if (auto done = run_migrations(database, 0, kSchemaVersion); !done) return done;
    return transaction->commit();
}

Result<void> migrate(Database& database, std::int64_t from) {
    return run_migrations(database, from, kSchemaVersion);
}

Result<void> check_schema(Database& database, std::int64_t version) {
    auto fresh = Database::open_memory();
    if (!fresh) return fail(fresh.error());
    if (auto done = run_migrations(*fresh, 0, version); !done) return done;
    const auto expected = fresh->text(kLayout);
    const auto found = database.text(kLayout);
    if (!expected) return fail(expected.error());
    if (!found) return fail(found.error());
    const auto id = database.integer("PRAGMA application_id");
    if (!id) return fail(id.error());
    if (*expected != *found || *id != kApplicationId)
        return fail(Code::state_corrupt, "the tables are not those of this version");
    return {};
}

}  // namespace latchkey::store
