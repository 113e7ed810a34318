#include "keyserver/store/postgres_schema.h"

#include "keyserver/store/migrations.h"

namespace latchkey::keyserver {
namespace {

constexpr const char* kApplication = "latchkey-keyserver";

/// Tables, views and the like that no extension brought.
constexpr const char* kCountRelations =
    "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'v', 'm', 'f') "
    "AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')";
/// The two columns of our meta.
constexpr const char* kCountMetaColumns =
    "SELECT count(*) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
    "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() "
    "AND c.relname = 'meta' AND a.attname IN ('name', 'value') AND NOT a.attisdropped";

Result<std::string> meta(PostgresDatabase& db, const char* name) {
    Query query = db.query("SELECT value FROM meta WHERE name = ?");
    const auto row = query.bind(name).step();
    if (!row) return fail(row.error());
    return *row ? query.text(0) : std::string();
}

std::int64_t newest_version() {
    return kPostgresFirstSchema + static_cast<std::int64_t>(postgres_migrations().size()) - 1;
}

}  // namespace

Result<std::int64_t> schema_version(PostgresDatabase& db, const std::string& shown) {
    const auto relations = db.read_number(kCountRelations);
    if (!relations) return fail(relations.error());
    if (*relations == 0) return 0;
    const auto columns = db.read_number(kCountMetaColumns);
    if (!columns) return fail(columns.error());
    const auto foreign = [&] {
        return fail(Problem{Code::state_corrupt, shown + " is not a key server's database",
                            "Name an empty database, or the one that the key server was moved to; "
                            "nothing was changed in this one."});
    };
    if (*columns != 2) return foreign();
    const auto application = meta(db, "application");
    if (!application) return fail(application.error());
    const auto text = meta(db, "schema_version");
    if (!text) return fail(text.error());
    if (*application != kApplication || text->empty() || text->size() > 9 ||
        text->find_first_not_of("0123456789") != std::string::npos)
        return foreign();
    const std::int64_t version = std::stoll(*text);
    if (version < kPostgresFirstSchema) return foreign();
    if (version > newest_version())
        return fail(Code::state_newer, shown + " has schema version " + *text +
                                           ", this version knows " +
                                           std::to_string(newest_version()));
    return version;
}

Result<void> bring_up_to_date(PostgresDatabase& db, std::int64_t version) {
    const auto all = postgres_migrations();
    const auto done = version == 0 ? 0 : version - kPostgresFirstSchema + 1;
    for (auto i = static_cast<std::size_t>(done); i < all.size(); ++i)
        if (auto made = db.execute(std::string(all[i])); !made) return made;
    for (const auto& [name, value] :
         {std::pair<const char*, std::string>{"application", kApplication},
          std::pair<const char*, std::string>{"schema_version",
                                              std::to_string(newest_version())}}) {
        auto written = db.query(
                             "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO "
                             "UPDATE SET value = excluded.value")
                           .bind(name, value)
                           .run();
        if (!written) return fail(std::move(written.error()));
    }
    return {};
}

Result<void> begin_setup(PostgresDatabase& db) {
    db.answer_within(std::nullopt);
    // "LKKS" and 0, in hexadecimal: see postgres_store.cpp for 1.
    return db.execute(
        "BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0;"
        "SELECT pg_advisory_xact_lock(x'4c4b4b5300000000'::bigint)");
}

}  // namespace latchkey::keyserver
