#include "keyserver/store/sqlite.h"

#include <sqlite3.h>

namespace latchkey::keyserver {
namespace {

Problem problem_of(int code, sqlite3* handle) {
    const int primary = code & 0xff;
    Problem problem{Code::storage_failed, std::string("database: ") + sqlite3_errstr(code), {}};
    if (primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB) problem.code = Code::state_corrupt;
    if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY)
        problem.code = Code::already_exists;
    if (primary == SQLITE_ERROR && handle)
        problem.detail += std::string(": ") + sqlite3_errmsg(handle);
    return problem;
}

}  // namespace

SqliteStatement::~SqliteStatement() { sqlite3_finalize(statement_); }

Result<void> SqliteStatement::bind(int place, const Value& value) {
    int code = SQLITE_OK;
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        code = sqlite3_bind_int64(statement_, place, *number);
    } else if (const auto* text = std::get_if<std::string_view>(&value)) {
        const char* data = text->data() ? text->data() : "";
        code = sqlite3_bind_text64(statement_, place, data, text->size(), SQLITE_TRANSIENT,
                                   SQLITE_UTF8);
    } else if (const auto* bytes = std::get_if<Blob>(&value)) {
        code =
            sqlite3_bind_blob64(statement_, place, bytes->data(), bytes->size(), SQLITE_TRANSIENT);
    } else {
        code = sqlite3_bind_null(statement_, place);
    }
    if (code != SQLITE_OK) return fail(problem_of(code, nullptr));
    return {};
}

Result<bool> SqliteStatement::step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    sqlite3* handle = sqlite3_db_handle(statement_);
    return fail(problem_of(sqlite3_extended_errcode(handle), handle));
}

std::int64_t SqliteStatement::changes() const {
    return sqlite3_changes64(sqlite3_db_handle(statement_));
}

Value SqliteStatement::column(int index) const {
    const auto size = [&] {
        return static_cast<std::size_t>(sqlite3_column_bytes(statement_, index));
    };
    switch (sqlite3_column_type(statement_, index)) {
        case SQLITE_INTEGER:
            return std::int64_t{sqlite3_column_int64(statement_, index)};
        case SQLITE_TEXT: {
            const auto* data = sqlite3_column_text(statement_, index);
            return std::string_view(reinterpret_cast<const char*>(data), size());
        }
        case SQLITE_BLOB: {
            const auto* data = sqlite3_column_blob(statement_, index);
            return Blob(static_cast<const std::uint8_t*>(data), size());
        }
        default:
            return {};
    }
}

void SqliteStatement::reset() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
}

Result<std::unique_ptr<SqliteDatabase>> SqliteDatabase::open(const std::filesystem::path& file) {
    sqlite3* handle = nullptr;
    const int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const int code = sqlite3_open_v2(file.string().c_str(), &handle, flags, nullptr);
    std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(handle));
    if (code != SQLITE_OK) {
        Problem problem = problem_of(code, nullptr);
        problem.detail += " (" + file.string() + ")";
        return fail(std::move(problem));
    }
    return database;
}

SqliteDatabase::~SqliteDatabase() {
    cache_.clear();
    sqlite3_close(handle_);
}

Result<Statement*> SqliteDatabase::prepared(const char* sql) {
    auto& statement = cache_[sql];
    if (!statement) {
        sqlite3_stmt* made = nullptr;
        const int code =
            sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr);
        if (code != SQLITE_OK) return fail(problem_of(code, handle_));
        statement = std::make_unique<SqliteStatement>(made);
    }
    return statement.get();
}

bool SqliteDatabase::in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

Result<void> SqliteDatabase::execute(const std::string& sql) {
    const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return fail(problem_of(code, handle_));
    return {};
}

}  // namespace latchkey::keyserver
