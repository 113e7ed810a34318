#include "agent/store/sqlite.h"

#include "base/path_text.h"

#include <sqlite3.h>

#include <filesystem>
#include <system_error>

namespace latchkey::store {
namespace {

/// What the file's content is to blame for; the rest is the disk, the memory or the permissions.
bool blames_content(int primary) {
    switch (primary) {
        case SQLITE_ERROR:  // tables or columns are not where they belong
        case SQLITE_CORRUPT:
        case SQLITE_FORMAT:
        case SQLITE_MISMATCH:
        case SQLITE_NOTADB:
        case SQLITE_SCHEMA:
        case SQLITE_TOOBIG:
            return true;
        default:
            return false;
    }
}

Failure sqlite_failure(sqlite3* handle, int code) {
    std::string detail = handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
    detail += " (SQLite code " + std::to_string(code) + ")";
    return fail(blames_content(code & 0xff) ? Code::state_corrupt : Code::storage_failed,
                std::move(detail));
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

void Statement::clear() {
    sqlite3_reset(statement_.get());
    sqlite3_clear_bindings(statement_.get());
}

void Statement::bind_at(int index, std::int64_t value) {
    sqlite3_bind_int64(statement_.get(), index, value);
}

void Statement::bind_at(int index, std::string_view value) {
    // A null pointer would bind NULL.
    sqlite3_bind_text(statement_.get(), index, value.empty() ? "" : value.data(),
                      static_cast<int>(value.size()), SQLITE_STATIC);
}

void Statement::bind_at(int index, std::span<const std::uint8_t> value) {
    sqlite3_bind_blob(statement_.get(), index, value.data(), static_cast<int>(value.size()),
                      SQLITE_STATIC);
}

Result<bool> Statement::step() {
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return sqlite_failure(sqlite3_db_handle(statement_.get()), code);
}

Result<void> Statement::run() {
    for (;;) {
        const auto row = step();
        if (!row) return fail(row.error());
        if (!*row) return {};
    }
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
}

std::string Statement::text(int column) const {
    const auto* data = sqlite3_column_text(statement_.get(), column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
    return data ? std::string(reinterpret_cast<const char*>(data), size) : std::string();
}

Bytes Statement::blob(int column) const {
    const auto* data =
        static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_.get(), column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
    return data ? Bytes(data, data + size) : Bytes();
}

void Database::Close::operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }

Result<Database> Database::open_handle(const std::string& name, int flags) {
    sqlite3* handle = nullptr;
    const int code = sqlite3_open_v2(name.c_str(), &handle, flags | SQLITE_OPEN_EXRESCODE, nullptr);
    Database database(handle);
    if (code != SQLITE_OK) return sqlite_failure(handle, code);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
    return database;
}

Result<Database> Database::open(const std::filesystem::path& path) {
    // NOFOLLOW refuses links above the file, too, and on a Mac /var is one: what stands above is
    // looked up first, and the file itself is not to be a link.
    std::error_code error;
    const auto directory = std::filesystem::canonical(path.parent_path(), error);
    const auto name = error ? path : directory / path.filename();
    auto database = open_handle(utf8_text(name), SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW);
    if (!database) return database;
    // fullfsync: macOS' fsync does not reach the disk; on other systems it changes nothing.
    for (const char* pragma :
         {"PRAGMA locking_mode=EXCLUSIVE", "PRAGMA journal_mode=DELETE", "PRAGMA synchronous=EXTRA",
          "PRAGMA fullfsync=ON", "PRAGMA cell_size_check=ON", "PRAGMA temp_store=MEMORY"}) {
        if (auto done = database->run(pragma); !done) return fail(done.error());
    }
    return database;
}

Result<Database> Database::open_memory() {
    return open_handle(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY);
}

Result<void> Database::run(const std::string& sql) {
    const int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return sqlite_failure(handle_.get(), code);
    return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v2(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                        &statement, nullptr);
    if (code != SQLITE_OK) return sqlite_failure(handle_.get(), code);
    return Statement(statement);
}

Result<std::int64_t> Database::integer(std::string_view sql) {
    auto statement = prepare(sql);
    if (!statement) return fail(statement.error());
    const auto row = statement->step();
    if (!row) return fail(row.error());
    return *row ? statement->integer(0) : 0;
}

Result<std::string> Database::text(std::string_view sql) {
    auto statement = prepare(sql);
    if (!statement) return fail(statement.error());
    const auto row = statement->step();
    if (!row) return fail(row.error());
    return *row ? statement->text(0) : std::string();
}

bool Database::is_read_only() const { return sqlite3_db_readonly(handle_.get(), "main") != 0; }

Result<Transaction> Transaction::begin(Database& database) {
    if (auto begun = database.run("BEGIN IMMEDIATE"); !begun) return fail(begun.error());
    return Transaction(database);
}

Transaction::~Transaction() {
    // SQLite may have rolled back by itself already; there is nothing left to do then.
    if (database_) static_cast<void>(database_->run("ROLLBACK"));
}

Result<void> Transaction::commit() {
    auto committed = database_->run("COMMIT");
    if (committed) database_ = nullptr;
    return committed;
}

}  // namespace latchkey::store
