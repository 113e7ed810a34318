#include "keyserver/store/database_choice.h"

#include "keyserver/store/postgres_store.h"
#include "keyserver/store/sqlite_store.h"

namespace latchkey::keyserver {
namespace {

constexpr const char* kFile = "latchkey.db";

}  // namespace

Result<DatabaseChoice> parse_database_choice(const std::string& text) {
    if (text == "sqlite") return DatabaseChoice{};
    if (!is_postgres_url(text))
        return fail(
            Problem{Code::usage, "--database is sqlite or postgresql://USER@HOST/NAME", {}});
    auto url = parse_postgres_url(text);
    if (!url) return fail(std::move(url.error()));
    return DatabaseChoice(std::move(*url));
}

std::string name_of(const DatabaseChoice& database) {
    return database ? database->shown : "sqlite";
}

std::string warning_about_password(const DatabaseChoice& database, std::string_view option) {
    if (!database || !database->has_password) return {};
    return "the password in " + std::string(option) +
           " can be read in the process list; keep it in ~/.pgpass (PGPASSFILE) or a service file, "
           "or use peer authentication on a socket";
}

Result<std::unique_ptr<Store>> open_store(const DatabaseChoice& database,
                                          const std::filesystem::path& directory,
                                          const StoreOwner& owner, Start start,
                                          const platform::Clock& clock) {
    if (database) return open_postgres_store(*database, owner, start, clock);
    return open_sqlite_store(directory / kFile, owner, start);
}

Result<bool> is_in_use(const DatabaseChoice& database, const std::filesystem::path& directory) {
    if (database) return holds_records(*database);
    return holds_records(directory / kFile);
}

}  // namespace latchkey::keyserver
