#include "agent/store/schema.h"

#include <string>

namespace latchkey::store {
namespace {

constexpr std::string_view kLayout =
    "SELECT group_concat(type || '|' || name || '|' || tbl_name || '|' || coalesce(sql, ''), ';') "
    "FROM (SELECT * FROM sqlite_schema ORDER BY type, name)";

Result<void> run_migrations(Database& database) {
    for (const auto& sql :
         {std::string(kMigration0001), "PRAGMA application_id=" + std::to_string(kApplicationId),
          "PRAGMA user_version=" + std::to_string(kSchemaVersion)}) {
        if (auto done = database.run(sql); !done) return done;
    }
    return {};
}

}  // namespace

Result<void> create_schema(Database& database) {
    auto transaction = Transaction::begin(database);
    if (!transaction) return fail(transaction.error());
    if (auto done = run_migrations(database); !done) return done;
    return transaction->commit();
}

Result<void> check_schema(Database& database) {
    auto fresh = Database::open_memory();
    if (!fresh) return fail(fresh.error());
    if (auto done = run_migrations(*fresh); !done) return done;
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
